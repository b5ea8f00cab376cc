// Throws where it should not.

#include <stdexcept>
#include <string>

#include <wasmedge/wasmedge.h>

namespace {

int alive = 0;

// Says whether it was destroyed on the way out.
struct Witness {
  Witness() { alive++; }
  ~Witness() { alive--; }
};

WasmEdge_Result throws(void *, const WasmEdge_CallingFrameContext *, const WasmEdge_Value *in, WasmEdge_Value *) {
  Witness witness;
  switch (WasmEdge_ValueGetI32(in[0])) {
  case 0:
    return WasmEdge_Result_Success;
  case 1:
    throw std::runtime_error(std::string(1000, 'x'));
  default:
    throw 5;
  }
}

WasmEdge_Result witnesses(void *, const WasmEdge_CallingFrameContext *, const WasmEdge_Value *, WasmEdge_Value *out) {
  out[0] = WasmEdge_ValueGenI32(alive);
  return WasmEdge_Result_Success;
}

// Calls the guest's `back` with the number, and catches nothing.
WasmEdge_Result nested(void *, const WasmEdge_CallingFrameContext *frame, const WasmEdge_Value *in, WasmEdge_Value *out) {
  Witness witness;
  auto *module = WasmEdge_CallingFrameGetModuleInstance(frame);
  auto *back = WasmEdge_ModuleInstanceFindFunction(module, WasmEdge_StringWrap("back", 4));
  auto result = WasmEdge_ExecutorInvoke(WasmEdge_CallingFrameGetExecutor(frame), back, in, 1, nullptr, 0);
  out[0] = WasmEdge_ValueGenI32(static_cast<int32_t>(result.Code));
  return WasmEdge_Result_Success;
}

void finish(void *) { throw std::runtime_error("too late"); }

WasmEdge_ModuleInstanceContext *create(const WasmEdge_ModuleDescriptor *) {
#ifdef CREATE_THROWS
  throw std::runtime_error("no module");
#endif
  auto *module = WasmEdge_ModuleInstanceCreateWithData(WasmEdge_StringWrap("throws", 6), nullptr, finish);
  auto number = WasmEdge_ValTypeGenI32();
  auto add = [&](const char *name, uint32_t length, WasmEdge_HostFunc_t function, uint32_t in, uint32_t out) {
    auto *type = WasmEdge_FunctionTypeCreate(&number, in, &number, out);
    WasmEdge_ModuleInstanceAddFunction(module, WasmEdge_StringWrap(name, length),
                                       WasmEdge_FunctionInstanceCreate(type, function, nullptr, 0));
    WasmEdge_FunctionTypeDelete(type);
  };
  add("throws", 6, throws, 1, 0);
  add("witnesses", 9, witnesses, 0, 1);
  add("nested", 6, nested, 1, 1);
  return module;
}

WasmEdge_ModuleDescriptor modules[] = {{"throws", "", create}};
WasmEdge_PluginDescriptor descriptor = {"throws", "", WasmEdge_Plugin_CurrentAPIVersion, {0, 0, 1, 0}, 1, 0, modules, nullptr};

} // namespace

extern "C" WASMEDGE_CAPI_PLUGIN_EXPORT const WasmEdge_PluginDescriptor *WasmEdge_Plugin_GetDescriptor(void) {
#ifdef DESCRIPTOR_THROWS
  throw std::runtime_error("no descriptor");
#endif
  return &descriptor;
}
