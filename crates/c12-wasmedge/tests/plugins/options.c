// Shows the values of its options: one of each type.

#include <stdio.h>
#include <string.h>
#include <wasmedge/wasmedge.h>

static bool toggle;
static int8_t i8 = -1;
static int16_t i16 = -2;
static int32_t i32 = -3;
static int64_t i64 = -4;
static uint8_t u8 = 1;
static uint16_t u16 = 2;
static uint32_t u32 = 3;
static uint64_t u64 = 4;
static float f32 = 0.5f;
static double f64 = 0.25;
static WasmEdge_String text;

static const bool no = false;
static const int64_t seven = 7;
static const double half = 0.5;
static const WasmEdge_String nothing;

// Copies a line with all values into the guest's memory.
static WasmEdge_Result show(void *data, const WasmEdge_CallingFrameContext *frame, const WasmEdge_Value *in,
                            WasmEdge_Value *out) {
  (void)data;
  char line[1024];
  int length = snprintf(line, sizeof line, "%d %d %d %d %lld %u %u %u %llu %g %g '%.*s' %s\n", toggle, i8, i16, i32,
                        (long long)i64, u8, u16, u32, (unsigned long long)u64, f32, f64, (int)text.Length,
                        text.Buf ? text.Buf : "", text.Buf ? "set" : "unset");
  out[0] = WasmEdge_ValueGenI32(length);
  return WasmEdge_MemoryInstanceSetData(WasmEdge_CallingFrameGetMemoryInstance(frame, 0), (const uint8_t *)line,
                                        (uint32_t)WasmEdge_ValueGetI32(in[0]), (uint32_t)length);
}

static WasmEdge_ModuleInstanceContext *create(const WasmEdge_ModuleDescriptor *descriptor) {
  WasmEdge_ModuleInstanceContext *module =
      WasmEdge_ModuleInstanceCreate(WasmEdge_StringWrap(descriptor->Name, (uint32_t)strlen(descriptor->Name)));
  WasmEdge_ValType number = WasmEdge_ValTypeGenI32();
  WasmEdge_FunctionTypeContext *type = WasmEdge_FunctionTypeCreate(&number, 1, &number, 1);
  WasmEdge_ModuleInstanceAddFunction(module, WasmEdge_StringWrap("show", 4),
                                     WasmEdge_FunctionInstanceCreate(type, show, NULL, 0));
  // A function that is there only with a toggle.
  if (toggle)
    WasmEdge_ModuleInstanceAddFunction(module, WasmEdge_StringWrap("more", 4),
                                       WasmEdge_FunctionInstanceCreate(type, show, NULL, 0));
  WasmEdge_FunctionTypeDelete(type);
  return module;
}

#define OPTION(name, type, default_value)                                                                              \
  { #name "-option", "the option " #name, WasmEdge_ProgramOptionType_##type, &name, default_value }

static WasmEdge_ModuleDescriptor modules[] = {{.Name = "options", .Description = "", .Create = create}};
static WasmEdge_ProgramOption options[] = {
    OPTION(toggle, Toggle, &no),   OPTION(i8, Int8, &seven),    OPTION(i16, Int16, &seven),  OPTION(i32, Int32, &seven),
    OPTION(i64, Int64, &seven),    OPTION(u8, UInt8, &seven),   OPTION(u16, UInt16, &seven), OPTION(u32, UInt32, &seven),
    OPTION(u64, UInt64, &seven),   OPTION(f32, Float, &half),   OPTION(f64, Double, &half),  OPTION(text, String, &nothing),
    {"nothing", "no option at all", WasmEdge_ProgramOptionType_None, NULL, NULL},
#ifdef REQUIRED
    {"required", "must be given", WasmEdge_ProgramOptionType_Int32, &i32, NULL},
#endif
};
static WasmEdge_PluginDescriptor descriptor = {.Name = "options",
                                               .Description = "",
                                               .APIVersion = WasmEdge_Plugin_CurrentAPIVersion,
                                               .ModuleCount = 1,
                                               .ProgramOptionCount = sizeof options / sizeof *options,
                                               .ModuleDescriptions = modules,
                                               .ProgramOptions = options};

WASMEDGE_CAPI_PLUGIN_EXPORT const WasmEdge_PluginDescriptor *WasmEdge_Plugin_GetDescriptor(void) { return &descriptor; }
