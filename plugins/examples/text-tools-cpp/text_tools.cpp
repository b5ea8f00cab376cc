// A native plugin in C++: turns texts around, digests them, counts their words and puts them together.
//
// `text-tools.hpp` is written by `c12 plugin bindgen` from `wit/text-tools.wit`. It has the classes to derive from, the
// types of their arguments and results, and the library's entry point. An exception that leaves a function makes the
// guest's call trap with the exception's message.

#include "text-tools.hpp"

#include <algorithm>
#include <limits>
#include <map>

#include "md5.hpp"

namespace tools = example::text::tools;

namespace {

// A byte that continues a character of UTF-8. The host gives valid UTF-8 only.
bool continues(char byte) { return (static_cast<unsigned char>(byte) & 0xc0) == 0x80; }

std::uint32_t characters(std::string_view text) {
  return static_cast<std::uint32_t>(text.size() - std::count_if(text.begin(), text.end(), continues));
}

// ANCHOR: resource
// A resource. The guest holds a handle; the object ends when the guest drops it or gives it away, and with the guest.
class builder final : public tools::builder {
 public:
  explicit builder(std::string_view start) : text_(start) {}

  void append(std::string_view text) override {
    if (text.empty()) {
      throw std::invalid_argument("there is nothing to append");
    }
    text_ += text;
  }

  std::string take() { return std::move(text_); }

 private:
  std::string text_;
};
// ANCHOR_END: resource

// What one instance of a guest has.
class instance final : public tools::guest {
 public:
  explicit instance(std::uint32_t longest_word) : longest_word_(longest_word) {}

  // ANCHOR: borrowed
  // `text` is the guest's own memory; the result is kept until the host has copied it there.
  std::string reverse(std::string_view text) override {
    std::string reversed;
    reversed.reserve(text.size());
    for (std::size_t end = text.size(); end > 0;) {
      std::size_t start = end - 1;
      while (start > 0 && continues(text[start])) {
        start--;
      }
      reversed += text.substr(start, end - start);
      end = start;
    }
    return reversed;
  }
  // ANCHOR_END: borrowed

  std::vector<std::uint8_t> md5(c12::view<std::uint8_t> data) override {
    const auto digest = Md5::digest({data.data(), data.size()});
    return {digest.begin(), digest.end()};
  }

  // ANCHOR: count
  // What the guest should handle is a `result`, not an exception.
  c12::result<std::vector<tools::word_count>, tools::problem> count(
      std::string_view text, tools::order by, std::optional<std::uint32_t> most) override {
    constexpr std::string_view spaces = " \t\n\f\r";
    std::map<std::string_view, std::uint32_t> found;
    for (std::size_t at = text.find_first_not_of(spaces); at != text.npos;) {
      const std::size_t end = std::min(text.find_first_of(spaces, at), text.size());
      const std::string_view word = text.substr(at, end - at);
      if (characters(word) > longest_word_) {
        return c12::err(tools::problem{tools::problem::too_long{characters(word)}});
      }
      found[word]++;
      at = text.find_first_not_of(spaces, end);
    }
    if (found.empty()) {
      return c12::err(tools::problem{tools::problem::no_words{}});
    }
    std::vector<tools::word_count> counts;
    for (const auto &[word, times] : found) {
      counts.push_back({std::string(word), times});
    }
    if (by == tools::order::count) {
      std::stable_sort(counts.begin(), counts.end(), [](auto &a, auto &b) { return a.count > b.count; });
    }
    if (most && *most < counts.size()) {
      counts.resize(*most);
    }
    return c12::ok(std::move(counts));
  }
  // ANCHOR_END: count

  // ANCHOR: owned
  std::unique_ptr<tools::builder> new_builder(std::string_view start) override {
    return std::make_unique<builder>(start);
  }
  // ANCHOR_END: owned

  // The guest gave its builder away: it ends here.
  std::string builder_finish(std::unique_ptr<tools::builder> given) override {
    return static_cast<builder &>(*given).take();
  }

 private:
  std::uint32_t longest_word_;
};

// ANCHOR: plugin
// What all instances share: made once, with the settings, which the host has checked against the keys.
class plugin {
 public:
  static constexpr c12::key keys[] = {
      c12::key::integer("longest-word").fallback("100").description("How many characters a word may have, at least 1"),
  };

  explicit plugin(const c12::settings &settings) {
    const std::int64_t longest = settings.integer("longest-word");
    if (longest < 1 || longest > std::numeric_limits<std::uint32_t>::max()) {
      throw c12::error("the setting `longest-word` is at least 1 and has at most 32 bits");
    }
    longest_word_ = static_cast<std::uint32_t>(longest);
    c12::log::info("words may have " + std::to_string(longest_word_) + " characters");
  }

  std::unique_ptr<instance> instantiate() const { return std::make_unique<instance>(longest_word_); }

 private:
  std::uint32_t longest_word_;
};
// ANCHOR_END: plugin

}  // namespace

C12_PLUGIN_DEFINE(plugin, c12::worlds::text_tools, "text-tools", "1.0.0", "Reverses, digests and counts text")
