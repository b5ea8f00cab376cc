// MD5 as in RFC 1321, for C++20. It finds accidents, not attacks: whoever wants can make two texts with the same digest.

#ifndef TEXT_TOOLS_MD5_HPP
#define TEXT_TOOLS_MD5_HPP

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

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

#endif
