// Calls functions of the guest, and does with what comes of it as it is told.

#include <string.h>
#include <wasmedge/wasmedge.h>

static WasmEdge_FunctionInstanceContext *guest(const WasmEdge_CallingFrameContext *frame, const char *name) {
  return WasmEdge_ModuleInstanceFindFunction(WasmEdge_CallingFrameGetModuleInstance(frame),
                                             WasmEdge_StringWrap(name, (uint32_t)strlen(name)));
}

// Calls the guest's `back` with a number. Returns the result code, and succeeds.
static WasmEdge_Result try(void *data, const WasmEdge_CallingFrameContext *frame, const WasmEdge_Value *in,
                           WasmEdge_Value *out) {
  (void)data;
  WasmEdge_Value result;
  WasmEdge_Result code =
      WasmEdge_ExecutorInvoke(WasmEdge_CallingFrameGetExecutor(frame), guest(frame, "back"), in, 1, &result, 1);
  out[0] = WasmEdge_ValueGenI32((int32_t)code.Code);
  return WasmEdge_Result_Success;
}

// Calls the guest's `back` with a number, and returns what it returns.
static WasmEdge_Result call(void *data, const WasmEdge_CallingFrameContext *frame, const WasmEdge_Value *in,
                            WasmEdge_Value *out) {
  (void)data;
  return WasmEdge_ExecutorInvoke(WasmEdge_CallingFrameGetExecutor(frame), guest(frame, "back"), in, 1, out, 1);
}

// The same with the other function of the guest, whose parameter and result are external references.
static WasmEdge_Result references(void *data, const WasmEdge_CallingFrameContext *frame, const WasmEdge_Value *in,
                                  WasmEdge_Value *out) {
  (void)data;
  static int things[1000];
  int32_t same = 0;
  for (int i = 0; i < WasmEdge_ValueGetI32(in[0]); i++) {
    WasmEdge_Value thing = WasmEdge_ValueGenExternRef(&things[i % 1000]), result;
    WasmEdge_Result code =
        WasmEdge_ExecutorInvoke(WasmEdge_CallingFrameGetExecutor(frame), guest(frame, "keep"), &thing, 1, &result, 1);
    if (!WasmEdge_ResultOK(code))
      return code;
    same += WasmEdge_ValueGetExternRef(result) == &things[i % 1000];
  }
  out[0] = WasmEdge_ValueGenI32(same);
  return WasmEdge_Result_Success;
}

static WasmEdge_ModuleInstanceContext *create(const WasmEdge_ModuleDescriptor *descriptor) {
  (void)descriptor;
  WasmEdge_ModuleInstanceContext *module = WasmEdge_ModuleInstanceCreate(WasmEdge_StringWrap("nesting", 7));
  WasmEdge_ValType number = WasmEdge_ValTypeGenI32();
  WasmEdge_FunctionTypeContext *type = WasmEdge_FunctionTypeCreate(&number, 1, &number, 1);
  WasmEdge_ModuleInstanceAddFunction(module, WasmEdge_StringWrap("try", 3),
                                     WasmEdge_FunctionInstanceCreate(type, try, NULL, 0));
  WasmEdge_ModuleInstanceAddFunction(module, WasmEdge_StringWrap("call", 4),
                                     WasmEdge_FunctionInstanceCreate(type, call, NULL, 0));
  WasmEdge_ModuleInstanceAddFunction(module, WasmEdge_StringWrap("references", 10),
                                     WasmEdge_FunctionInstanceCreate(type, references, NULL, 0));
  WasmEdge_FunctionTypeDelete(type);
  return module;
}

static WasmEdge_ModuleDescriptor modules[] = {{.Name = "nesting", .Description = "", .Create = create}};
static WasmEdge_PluginDescriptor descriptor = {.Name = "nesting",
                                               .Description = "",
                                               .APIVersion = WasmEdge_Plugin_CurrentAPIVersion,
                                               .ModuleCount = 1,
                                               .ModuleDescriptions = modules};

WASMEDGE_CAPI_PLUGIN_EXPORT const WasmEdge_PluginDescriptor *WasmEdge_Plugin_GetDescriptor(void) { return &descriptor; }
