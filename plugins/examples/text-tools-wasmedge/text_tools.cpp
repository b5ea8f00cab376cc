// A plugin for WasmEdge, and for C12: turns texts around and computes their MD5. It is written against WasmEdge's C API
// alone, so one build of it loads in both.

#include <algorithm>
#include <cstdint>
#include <string_view>
#include <vector>

#include <wasmedge/wasmedge.h>

#include "md5.hpp"

namespace {

// What the user chose with `--uppercase` (C12: `--plugin-config text_tools.uppercase=true`), before any module is made.
bool uppercase = false;
const bool uppercase_by_default = false;

// What one guest's module instance keeps: WasmEdge calls it host data.
struct Tools {
  uint32_t calls = 0;
};

// ANCHOR: memory
// A part of the guest's memory; empty and invalid if it is not within it.
struct Bytes {
  uint8_t *start;
  uint32_t length;
  explicit operator bool() const { return start != nullptr; }
};

Bytes bytes(const WasmEdge_CallingFrameContext *frame, WasmEdge_Value start, WasmEdge_Value length) {
  auto *memory = WasmEdge_CallingFrameGetMemoryInstance(frame, 0);
  auto size = static_cast<uint32_t>(WasmEdge_ValueGetI32(length));
  return {WasmEdge_MemoryInstanceGetPointer(memory, static_cast<uint32_t>(WasmEdge_ValueGetI32(start)), size), size};
}
// ANCHOR_END: memory

// The guest ends with this code if it gives a place outside of its memory.
const WasmEdge_Result outside = WasmEdge_ResultGen(WasmEdge_ErrCategory_UserLevelError, 1);

// reverse(text, length): turns a UTF-8 text around, character by character, where it is.
WasmEdge_Result reverse(void *data, const WasmEdge_CallingFrameContext *frame, const WasmEdge_Value *in, WasmEdge_Value *) {
  auto text = bytes(frame, in[0], in[1]);
  if (!text)
    return outside;
  auto *end = text.start + text.length;
  std::reverse(text.start, end);
  // The bytes of each character are the wrong way round now: those that continue come before the one that leads.
  auto continues = [](uint8_t byte) { return (byte & 0xc0) == 0x80; };
  for (auto *at = text.start; at < end;) {
    auto *lead = std::find_if_not(at, end, continues);
    auto *next = lead == end ? end : lead + 1;
    std::reverse(at, next);
    at = next;
  }
  static_cast<Tools *>(data)->calls++;
  return WasmEdge_Result_Success;
}

// md5(text, length, digits): writes the digest as 32 hexadecimal digits.
WasmEdge_Result md5(void *data, const WasmEdge_CallingFrameContext *frame, const WasmEdge_Value *in, WasmEdge_Value *) {
  auto text = bytes(frame, in[0], in[1]);
  auto digits = bytes(frame, in[2], WasmEdge_ValueGenI32(32));
  if (!text || !digits)
    return outside;
  auto alphabet = uppercase ? std::string_view("0123456789ABCDEF") : std::string_view("0123456789abcdef");
  auto *at = digits.start;
  for (uint8_t byte : Md5::digest({text.start, text.length})) {
    *at++ = static_cast<uint8_t>(alphabet[byte >> 4]);
    *at++ = static_cast<uint8_t>(alphabet[byte & 15]);
  }
  static_cast<Tools *>(data)->calls++;
  return WasmEdge_Result_Success;
}

// calls() -> i32: how many calls this instance has had.
WasmEdge_Result calls(void *data, const WasmEdge_CallingFrameContext *, const WasmEdge_Value *, WasmEdge_Value *out) {
  out[0] = WasmEdge_ValueGenI32(static_cast<int32_t>(static_cast<Tools *>(data)->calls));
  return WasmEdge_Result_Success;
}

void add(WasmEdge_ModuleInstanceContext *module, std::string_view name, WasmEdge_HostFunc_t function, Tools *tools,
         std::vector<WasmEdge_ValType> parameters, std::vector<WasmEdge_ValType> results = {}) {
  auto *type = WasmEdge_FunctionTypeCreate(parameters.data(), static_cast<uint32_t>(parameters.size()), results.data(),
                                           static_cast<uint32_t>(results.size()));
  WasmEdge_ModuleInstanceAddFunction(module, WasmEdge_StringWrap(name.data(), static_cast<uint32_t>(name.size())),
                                     WasmEdge_FunctionInstanceCreate(type, function, tools, 0));
  WasmEdge_FunctionTypeDelete(type);
}

// ANCHOR: create
// Called for every instance of a guest. The module owns the tools, and the functions share them.
WasmEdge_ModuleInstanceContext *create(const WasmEdge_ModuleDescriptor *) {
  auto *tools = new Tools;
  auto *module = WasmEdge_ModuleInstanceCreateWithData(WasmEdge_StringWrap("text_tools", 10), tools,
                                                       [](void *data) { delete static_cast<Tools *>(data); });
  auto number = WasmEdge_ValTypeGenI32();
  add(module, "reverse", reverse, tools, {number, number});
  add(module, "md5", md5, tools, {number, number, number});
  add(module, "calls", calls, tools, {}, {number});
  return module;
}
// ANCHOR_END: create

WasmEdge_ModuleDescriptor modules[] = {{
    .Name = "text_tools",
    .Description = "Turns texts around and computes their MD5",
    .Create = create,
}};

// ANCHOR: descriptor
WasmEdge_ProgramOption options[] = {{
    .Name = "uppercase",
    .Description = "digests in capital letters",
    .Type = WasmEdge_ProgramOptionType_Toggle,
    .Storage = &uppercase,
    .DefaultValue = &uppercase_by_default,
}};

WasmEdge_PluginDescriptor descriptor = {
    .Name = "text_tools",
    .Description = "Turns texts around and computes their MD5",
    .APIVersion = WasmEdge_Plugin_CurrentAPIVersion,
    .Version = {.Major = 1, .Minor = 0, .Patch = 0, .Build = 0},
    .ModuleCount = 1,
    .ProgramOptionCount = 1,
    .ModuleDescriptions = modules,
    .ProgramOptions = options,
};
// ANCHOR_END: descriptor

} // namespace

extern "C" WASMEDGE_CAPI_PLUGIN_EXPORT const WasmEdge_PluginDescriptor *WasmEdge_Plugin_GetDescriptor(void) {
  return &descriptor;
}
