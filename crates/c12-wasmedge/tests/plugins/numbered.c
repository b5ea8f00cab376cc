// One function, which returns a number: `NUMBER`, or what the function `CALL` of another library returns.

#include <stddef.h>
#include <wasmedge/wasmedge.h>

#ifdef CALL
int CALL(void);
#define NUMBER CALL()
#endif

static WasmEdge_Result number(void *data, const WasmEdge_CallingFrameContext *frame, const WasmEdge_Value *in,
                              WasmEdge_Value *out) {
  (void)data, (void)frame, (void)in;
  out[0] = WasmEdge_ValueGenI32(NUMBER);
  return WasmEdge_Result_Success;
}

static WasmEdge_ModuleInstanceContext *create(const WasmEdge_ModuleDescriptor *descriptor) {
  (void)descriptor;
  WasmEdge_ModuleInstanceContext *module = WasmEdge_ModuleInstanceCreate(WasmEdge_StringWrap("numbered", 8));
  WasmEdge_ValType type = WasmEdge_ValTypeGenI32();
  WasmEdge_FunctionTypeContext *function = WasmEdge_FunctionTypeCreate(NULL, 0, &type, 1);
  WasmEdge_ModuleInstanceAddFunction(module, WasmEdge_StringWrap("number", 6),
                                     WasmEdge_FunctionInstanceCreate(function, number, NULL, 0));
  WasmEdge_FunctionTypeDelete(function);
  return module;
}

static WasmEdge_ModuleDescriptor modules[] = {{.Name = "numbered", .Description = "", .Create = create}};
static WasmEdge_PluginDescriptor descriptor = {.Name = "numbered",
                                               .Description = "",
                                               .APIVersion = WasmEdge_Plugin_CurrentAPIVersion,
                                               .ModuleCount = 1,
                                               .ModuleDescriptions = modules};

WASMEDGE_CAPI_PLUGIN_EXPORT const WasmEdge_PluginDescriptor *WasmEdge_Plugin_GetDescriptor(void) { return &descriptor; }
