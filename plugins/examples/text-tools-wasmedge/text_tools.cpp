// A plugin for WasmEdge, and for C12: turns texts around and computes their MD5. It is written against WasmEdge's C API
// alone, so one build of it loads in both.

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>
#include <vector>

#include <wasmedge/wasmedge.h>

namespace {

// What the user chose with `--uppercase` (C12: `--plugin-config text_tools.uppercase=true`), before any module is made.
bool uppercase = false;
const bool uppercase_by_default = false;

// What one guest's module instance keeps: WasmEdge calls it host data.
struct Tools {
  uint32_t calls = 0;
};

// MD5 as in RFC 1321.
class Md5 {
public:
  static std::array<uint8_t, 16> digest(std::span<const uint8_t> text) {
    std::vector<uint8_t> padded(text.begin(), text.end());
    padded.push_back(0x80);
    while (padded.size() % 64 != 56)
      padded.push_back(0);
    uint64_t bits = uint64_t{text.size()} * 8;
    for (int i = 0; i < 8; i++)
      padded.push_back(static_cast<uint8_t>(bits >> (8 * i)));
    Md5 md5;
    for (size_t at = 0; at < padded.size(); at += 64)
      md5.block(std::span(padded).subspan(at).first<64>());
    std::array<uint8_t, 16> result;
    for (size_t i = 0; i < 16; i++)
      result[i] = static_cast<uint8_t>(md5.state[i / 4] >> (8 * (i % 4)));
    return result;
  }

private:
  std::array<uint32_t, 4> state{0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476};

  static constexpr std::array<uint32_t, 64> sines{
      0xd76aa478, 0xe8c7b756, 0x242070db, 0xc1bdceee, 0xf57c0faf, 0x4787c62a, 0xa8304613, 0xfd469501,
      0x698098d8, 0x8b44f7af, 0xffff5bb1, 0x895cd7be, 0x6b901122, 0xfd987193, 0xa679438e, 0x49b40821,
      0xf61e2562, 0xc040b340, 0x265e5a51, 0xe9b6c7aa, 0xd62f105d, 0x02441453, 0xd8a1e681, 0xe7d3fbc8,
      0x21e1cde6, 0xc33707d6, 0xf4d50d87, 0x455a14ed, 0xa9e3e905, 0xfcefa3f8, 0x676f02d9, 0x8d2a4c8a,
      0xfffa3942, 0x8771f681, 0x6d9d6122, 0xfde5380c, 0xa4beea44, 0x4bdecfa9, 0xf6bb4b60, 0xbebfbc70,
      0x289b7ec6, 0xeaa127fa, 0xd4ef3085, 0x04881d05, 0xd9d4d039, 0xe6db99e5, 0x1fa27cf8, 0xc4ac5665,
      0xf4292244, 0x432aff97, 0xab9423a7, 0xfc93a039, 0x655b59c3, 0x8f0ccc92, 0xffeff47d, 0x85845dd1,
      0x6fa87e4f, 0xfe2ce6e0, 0xa3014314, 0x4e0811a1, 0xf7537e82, 0xbd3af235, 0x2ad7d2bb, 0xeb86d391};
  static constexpr std::array<std::array<int, 4>, 4> shifts{
      {{7, 12, 17, 22}, {5, 9, 14, 20}, {4, 11, 16, 23}, {6, 10, 15, 21}}};

  void block(std::span<const uint8_t, 64> bytes) {
    std::array<uint32_t, 16> words;
    for (size_t i = 0; i < 16; i++)
      words[i] = uint32_t{bytes[4 * i]} | uint32_t{bytes[4 * i + 1]} << 8 | uint32_t{bytes[4 * i + 2]} << 16 |
                 uint32_t{bytes[4 * i + 3]} << 24;
    auto [a, b, c, d] = state;
    for (uint32_t i = 0; i < 64; i++) {
      uint32_t mixed, word;
      switch (i / 16) {
      case 0:
        mixed = (b & c) | (~b & d);
        word = i;
        break;
      case 1:
        mixed = (d & b) | (~d & c);
        word = (5 * i + 1) % 16;
        break;
      case 2:
        mixed = b ^ c ^ d;
        word = (3 * i + 5) % 16;
        break;
      default:
        mixed = c ^ (b | ~d);
        word = (7 * i) % 16;
      }
      uint32_t next = b + std::rotl(a + mixed + sines[i] + words[word], shifts[i / 16][i % 4]);
      a = d;
      d = c;
      c = b;
      b = next;
    }
    state = {state[0] + a, state[1] + b, state[2] + c, state[3] + d};
  }
};

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

WasmEdge_ModuleDescriptor modules[] = {{
    .Name = "text_tools",
    .Description = "Turns texts around and computes their MD5",
    .Create = create,
}};

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

} // namespace

extern "C" WASMEDGE_CAPI_PLUGIN_EXPORT const WasmEdge_PluginDescriptor *WasmEdge_Plugin_GetDescriptor(void) {
  return &descriptor;
}
