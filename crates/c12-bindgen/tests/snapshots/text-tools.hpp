/*
 * The world `text-tools` of `example:text@1.0.0`, for plugins in C++17.
 * Written by `c12 plugin bindgen`: changes here are lost when it is written again.
 *
 * Derive the class of your instances from:
 *
 *   example::text::tools::guest
 *
 * and define the plugin in one file:
 *
 *   C12_PLUGIN_DEFINE(your_plugin, c12::worlds::text_tools, "text-tools", "1.0.0", "…")
 */
#ifndef C12_EXAMPLE_TEXT_TEXT_TOOLS_HPP
#define C12_EXAMPLE_TEXT_TEXT_TOOLS_HPP

#include "c12_plugin.hpp"

/* What can be done to text. */
namespace example::text::tools {
class builder;

/* A word and how often it is there. */
struct word_count {
  std::string word{};
  std::uint32_t count{};
};

enum class order : std::uint8_t {
  alphabet,
  count,
};

struct problem {
  /* The text has no words. */
  struct no_words {};
  /* A word is longer than this. */
  struct too_long { std::uint32_t value; };
  std::variant<no_words, too_long> value;
};

/* A text that is put together piece by piece. */
class builder {
 public:
  virtual ~builder() = default;
  virtual void append(std::string_view text) = 0;
};

/* What one instance of a guest has. Its functions are called one after another, from any thread. */
class guest {
 public:
  virtual ~guest() = default;
  /* Turns a text around. */
  virtual std::string reverse(std::string_view text) = 0;
  /* The MD5 digest of some bytes. */
  virtual std::vector<std::uint8_t> md5(c12::view<std::uint8_t> data) = 0;
  /* Counts the words of a text. */
  virtual c12::result<std::vector<word_count>, problem> count(
      std::string_view text,
      order by,
      std::optional<std::uint32_t> most) = 0;
  virtual std::unique_ptr<builder> new_builder(std::string_view start) = 0;
  virtual std::string builder_finish(std::unique_ptr<builder> this_) = 0;
};

}  // namespace example::text::tools

/* From here on it is for the host. */

namespace c12 {
template <>
struct codec<::example::text::tools::word_count> {
  static constexpr std::size_t size = 24;
  static constexpr std::size_t align = 8;
  static constexpr bool points = true;
  static ::example::text::tools::word_count lift(const unsigned char *from) {
    return ::example::text::tools::word_count{c12::lift<std::string>(from + 0),
        c12::lift<std::uint32_t>(from + 16)};
  }
  static void lower(::example::text::tools::word_count &value, unsigned char *to, memory &memory) {
    c12::lower(value.word, to + 0, memory);
    c12::lower(value.count, to + 16, memory);
  }
};

template <>
struct codec<::example::text::tools::order> : enum_codec<::example::text::tools::order, std::uint8_t, 2> {};

template <>
struct codec<::example::text::tools::problem> {
  static constexpr std::size_t size = 8;
  static constexpr std::size_t align = 4;
  static constexpr bool points = false;
  static ::example::text::tools::problem lift(const unsigned char *from) {
    switch (load<std::uint8_t>(from)) {
      case 0: return ::example::text::tools::problem{::example::text::tools::problem::no_words{}};
      case 1: return ::example::text::tools::problem{::example::text::tools::problem::too_long{c12::lift<std::uint32_t>(from + 4)}};
      default: throw error("the host gave a case of `problem` that is not there");
    }
  }
  static void lower(::example::text::tools::problem &value, unsigned char *to, memory &memory) {
    store(static_cast<std::uint8_t>(value.value.index()), to);
    switch (value.value.index()) {
      case 1: c12::lower(std::get<1>(value.value).value, to + 4, memory); break;
      case std::variant_npos: throw error("a variant of a result has no case");
      default: break;
    }
  }
};

static_assert(codec<c12::result<std::vector<::example::text::tools::word_count>, ::example::text::tools::problem>>::size == 24 && codec<c12::result<std::vector<::example::text::tools::word_count>, ::example::text::tools::problem>>::align == 8);
static_assert(codec<std::optional<std::uint32_t>>::size == 8 && codec<std::optional<std::uint32_t>>::align == 4);

}  // namespace c12

namespace c12::worlds::text_tools {
struct C12_HIDDEN world {
  static constexpr const char *name = "text-tools";
  static constexpr const char *wit = R"wit(
package example:text@1.0.0;

/// What can be done to text.
interface tools {
  /// A word and how often it is there.
  record word-count {
    word: string,
    count: u32,
  }

  enum order {
    alphabet,
    count,
  }

  variant problem {
    /// The text has no words.
    no-words,
    /// A word is longer than this.
    too-long(u32),
  }

  /// A text that is put together piece by piece.
  resource builder {
    constructor(start: string);
    append: func(text: string);
    finish: static func(this: builder) -> string;
  }

  /// Turns a text around.
  reverse: func(text: string) -> string;

  /// The MD5 digest of some bytes.
  md5: func(data: list<u8>) -> list<u8>;

  /// Counts the words of a text.
  count: func(text: string, by: order, most: option<u32>) -> result<list<word-count>, problem>;
}

world text-tools {
  export tools;
}
)wit";

  template <class Instance>
  static c12_status f0(c12_call *call, void *instance,
                            const void *arguments, void *results) noexcept {
    const auto *from = static_cast<const unsigned char *>(arguments);
    return c12::answer(call, results, [&] {
      return static_cast<::example::text::tools::guest &>(*static_cast<Instance *>(instance)).reverse(
          c12::lift<std::string_view>(from + 0));
    });
  }

  template <class Instance>
  static c12_status f1(c12_call *call, void *instance,
                            const void *arguments, void *results) noexcept {
    const auto *from = static_cast<const unsigned char *>(arguments);
    return c12::answer(call, results, [&] {
      return static_cast<::example::text::tools::guest &>(*static_cast<Instance *>(instance)).md5(
          c12::lift<c12::view<std::uint8_t>>(from + 0));
    });
  }

  template <class Instance>
  static c12_status f2(c12_call *call, void *instance,
                            const void *arguments, void *results) noexcept {
    const auto *from = static_cast<const unsigned char *>(arguments);
    return c12::answer(call, results, [&] {
      return static_cast<::example::text::tools::guest &>(*static_cast<Instance *>(instance)).count(
          c12::lift<std::string_view>(from + 0),
          c12::lift<::example::text::tools::order>(from + 16),
          c12::lift<std::optional<std::uint32_t>>(from + 20));
    });
  }

  template <class Instance>
  static c12_status f3(c12_call *call, void *instance,
                            const void *arguments, void *results) noexcept {
    const auto *from = static_cast<const unsigned char *>(arguments);
    return c12::answer(call, results, [&] {
      return static_cast<::example::text::tools::guest &>(*static_cast<Instance *>(instance)).new_builder(
          c12::lift<std::string_view>(from + 0));
    });
  }

  template <class Instance>
  static c12_status f4(c12_call *call, void *instance,
                            const void *arguments, void *results) noexcept {
    const auto *from = static_cast<const unsigned char *>(arguments);
    (void)instance;
    return c12::answer(call, results, [&] {
      return c12::lift<::example::text::tools::builder *>(from)->append(
          c12::lift<std::string_view>(from + 8));
    });
  }

  template <class Instance>
  static c12_status f5(c12_call *call, void *instance,
                            const void *arguments, void *results) noexcept {
    const auto *from = static_cast<const unsigned char *>(arguments);
    return c12::answer(call, results, [&] {
      return static_cast<::example::text::tools::guest &>(*static_cast<Instance *>(instance)).builder_finish(
          c12::lift<std::unique_ptr<::example::text::tools::builder>>(from + 0));
    });
  }

  template <class Instance>
  static c12_status f6(c12_call *call, void *instance,
                            const void *arguments, void *results) noexcept {
    const auto *from = static_cast<const unsigned char *>(arguments);
    (void)instance;
    return c12::answer(call, results, [&] {
      delete c12::lift<::example::text::tools::builder *>(from);
    });
  }

  static constexpr std::size_t export_count = 7;
  template <class Instance>
  static const c12_export *exports() noexcept {
    static const c12_export table[] = {
      {sizeof(c12_export), "example:text/tools@1.0.0", "reverse", f0<Instance>, 0, 0},
      {sizeof(c12_export), "example:text/tools@1.0.0", "md5", f1<Instance>, C12_BLOCKING, 0},
      {sizeof(c12_export), "example:text/tools@1.0.0", "count", f2<Instance>, 0, 0},
      {sizeof(c12_export), "example:text/tools@1.0.0", "[constructor]builder", f3<Instance>, 0, 0},
      {sizeof(c12_export), "example:text/tools@1.0.0", "[method]builder.append", f4<Instance>, 0, 0},
      {sizeof(c12_export), "example:text/tools@1.0.0", "[static]builder.finish", f5<Instance>, 0, 0},
      {sizeof(c12_export), "example:text/tools@1.0.0", "[resource-drop]builder", f6<Instance>, 0, 0},
    };
    return table;
  }
};

}  // namespace c12::worlds::text_tools

#endif
