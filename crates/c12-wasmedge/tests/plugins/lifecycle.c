// Writes down when its modules are made and finished, and gives each a state of its own.

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wasmedge/wasmedge.h>

static WasmEdge_String events; // a file, if one is wanted
static const WasmEdge_String no_events;
static int made;

struct state {
  const char *module;
  int number, calls;
};

static void event(const char *what, const struct state *state) {
  if (events.Length == 0)
    return;
  char path[4096];
  snprintf(path, sizeof path, "%.*s", (int)events.Length, events.Buf);
  FILE *file = fopen(path, "a");
  if (file) {
    fprintf(file, "%s %s %d\n", what, state->module, state->number);
    fclose(file);
  }
}

static void finish(void *data) {
  event("finish", data);
  free(data);
}

static WasmEdge_Result number(void *data, const WasmEdge_CallingFrameContext *frame, const WasmEdge_Value *in,
                              WasmEdge_Value *out) {
  (void)frame, (void)in;
  struct state *state = data;
  event("call", state);
  out[0] = WasmEdge_ValueGenI32(state->number);
  out[1] = WasmEdge_ValueGenI32(++state->calls);
  return WasmEdge_Result_Success;
}

static WasmEdge_Result end(void *data, const WasmEdge_CallingFrameContext *frame, const WasmEdge_Value *in,
                           WasmEdge_Value *out) {
  (void)data, (void)frame, (void)out;
  return (WasmEdge_Result){.Code = (uint32_t)WasmEdge_ValueGetI32(in[0])};
}

static WasmEdge_ModuleInstanceContext *create(const WasmEdge_ModuleDescriptor *descriptor) {
  struct state *state = calloc(1, sizeof *state);
  state->module = strcmp(descriptor->Name, "the first") == 0 ? "one" : "two";
  state->number = ++made;
  event("make", state);
  WasmEdge_ModuleInstanceContext *module =
      WasmEdge_ModuleInstanceCreateWithData(WasmEdge_StringWrap(state->module, 3), state, finish);
  WasmEdge_ValType types[2] = {WasmEdge_ValTypeGenI32(), WasmEdge_ValTypeGenI32()};
  WasmEdge_FunctionTypeContext *type = WasmEdge_FunctionTypeCreate(NULL, 0, types, 2);
  WasmEdge_ModuleInstanceAddFunction(module, WasmEdge_StringWrap("number", 6),
                                     WasmEdge_FunctionInstanceCreate(type, number, state, 0));
  WasmEdge_FunctionTypeDelete(type);
  type = WasmEdge_FunctionTypeCreate(types, 1, NULL, 0);
  WasmEdge_ModuleInstanceAddFunction(module, WasmEdge_StringWrap("end", 3),
                                     WasmEdge_FunctionInstanceCreate(type, end, state, 0));
  WasmEdge_FunctionTypeDelete(type);
  return module;
}

static WasmEdge_ModuleDescriptor modules[] = {{.Name = "the first", .Description = "", .Create = create},
                                              {.Name = "the second", .Description = "", .Create = create}};
static WasmEdge_ProgramOption options[] = {{.Name = "events",
                                            .Description = "a file for events",
                                            .Type = WasmEdge_ProgramOptionType_String,
                                            .Storage = &events,
                                            .DefaultValue = &no_events}};
static WasmEdge_PluginDescriptor descriptor = {.Name = "lifecycle",
                                               .Description = "writes down what happens to it",
                                               .APIVersion = WasmEdge_Plugin_CurrentAPIVersion,
                                               .Version = {.Major = 0, .Minor = 1, .Patch = 2},
                                               .ModuleCount = 2,
                                               .ProgramOptionCount = 1,
                                               .ModuleDescriptions = modules,
                                               .ProgramOptions = options};

WASMEDGE_CAPI_PLUGIN_EXPORT const WasmEdge_PluginDescriptor *WasmEdge_Plugin_GetDescriptor(void) { return &descriptor; }
