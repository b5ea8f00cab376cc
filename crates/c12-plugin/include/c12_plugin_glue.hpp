/*
 * c12_plugin_glue.hpp: what generated headers for C++ are made of: how values are read from the host and written for
 * it, and how a class becomes a plugin. c12_plugin.hpp includes it.
 *
 * Licence: Apache-2.0 WITH LLVM-exception.
 */
#ifndef C12_PLUGIN_GLUE_HPP
#define C12_PLUGIN_GLUE_HPP

#include "c12_plugin.hpp"

namespace c12 {

/* Memory for what results point to and C++ has in another form. */
class memory {
 public:
  unsigned char *allocate(std::size_t size) {
    const std::size_t words = (size + 7) / 8;
    if (words > free_) {
      const std::size_t block = words > next_ ? words : next_;
      blocks_.push_back(std::make_unique<std::uint64_t[]>(block));
      end_ = blocks_.back().get() + block;
      free_ = block;
      next_ *= 2;
    }
    unsigned char *start = reinterpret_cast<unsigned char *>(end_ - free_);
    free_ -= words;
    return start;
  }

 private:
  std::vector<std::unique_ptr<std::uint64_t[]>> blocks_;
  std::uint64_t *end_ = nullptr;
  std::size_t free_ = 0;
  std::size_t next_ = 64;
};

/* How a type is read from the host and written for it: `size`, `align`, whether it `points` to other memory, `lift`
 * and `lower`. */
template <class T, class = void>
struct codec;

template <class T>
T lift(const unsigned char *from) {
  return codec<T>::lift(from);
}

template <class T>
void lower(T &value, unsigned char *to, memory &memory) {
  codec<T>::lower(value, to, memory);
}

/* Types that lie in memory as the host has them, and of which all bits are values. */
template <class T>
struct is_plain
    : std::bool_constant<std::is_arithmetic_v<T> && !std::is_same_v<T, bool> && !std::is_same_v<T, char32_t>> {};

template <class T>
T load(const unsigned char *from) {
  T value;
  std::memcpy(&value, from, sizeof value);
  return value;
}

template <class T>
void store(T value, unsigned char *to) {
  std::memcpy(to, &value, sizeof value);
}

template <class T>
struct codec<T, std::enable_if_t<is_plain<T>::value && std::is_arithmetic_v<T>>> {
  static constexpr std::size_t size = sizeof(T);
  static constexpr std::size_t align = sizeof(T);
  static constexpr bool points = false;
  static T lift(const unsigned char *from) { return load<T>(from); }
  static void lower(T &value, unsigned char *to, memory &) { store(value, to); }
};

template <>
struct codec<bool> {
  static constexpr std::size_t size = 1;
  static constexpr std::size_t align = 1;
  static constexpr bool points = false;
  static bool lift(const unsigned char *from) { return *from != 0; }
  static void lower(bool &value, unsigned char *to, memory &) { *to = value ? 1 : 0; }
};

template <>
struct codec<char32_t> {
  static constexpr std::size_t size = 4;
  static constexpr std::size_t align = 4;
  static constexpr bool points = false;
  static char32_t lift(const unsigned char *from) { return load<char32_t>(from); }
  static void lower(char32_t &value, unsigned char *to, memory &) {
    if (value > 0x10ffff || (value >= 0xd800 && value < 0xe000)) {
      throw error("a char of a result is no character");
    }
    store(value, to);
  }
};

/* A side without a type. */
template <>
struct codec<std::monostate> {
  static constexpr std::size_t size = 0;
  static constexpr std::size_t align = 1;
  static constexpr bool points = false;
  static std::monostate lift(const unsigned char *) { return {}; }
  static void lower(std::monostate &, unsigned char *, memory &) {}
};

/* An enum of `Count` cases, whose position has the type `Tag`. */
template <class T, class Tag, std::size_t Count>
struct enum_codec {
  static constexpr std::size_t size = sizeof(Tag);
  static constexpr std::size_t align = sizeof(Tag);
  static constexpr bool points = false;
  static T lift(const unsigned char *from) {
    const Tag tag = load<Tag>(from);
    if (static_cast<std::size_t>(tag) >= Count) {
      throw error("the host gave a case of an enum that is not there");
    }
    return static_cast<T>(tag);
  }
  static void lower(T &value, unsigned char *to, memory &) {
    if (static_cast<std::size_t>(value) >= Count) {
      throw error("an enum of a result has no case that is there");
    }
    store(static_cast<Tag>(value), to);
  }
};

/* Flags, of which those in `Mask` have names. */
template <class T, class Bits, std::uint32_t Mask>
struct flags_codec {
  static constexpr std::size_t size = sizeof(Bits);
  static constexpr std::size_t align = sizeof(Bits);
  static constexpr bool points = false;
  static T lift(const unsigned char *from) { return static_cast<T>(load<Bits>(from) & static_cast<Bits>(Mask)); }
  static void lower(T &value, unsigned char *to, memory &) {
    store(static_cast<Bits>(static_cast<Bits>(value) & static_cast<Bits>(Mask)), to);
  }
};

/* The operators of flags, beside them. */
#define C12_FLAGS(FLAGS, BITS)                                                                     \
  constexpr FLAGS operator|(FLAGS a, FLAGS b) {                                                    \
    return static_cast<FLAGS>(static_cast<BITS>(a) | static_cast<BITS>(b));                        \
  }                                                                                                \
  constexpr FLAGS operator&(FLAGS a, FLAGS b) {                                                    \
    return static_cast<FLAGS>(static_cast<BITS>(a) & static_cast<BITS>(b));                        \
  }                                                                                                \
  constexpr FLAGS operator~(FLAGS a) { return static_cast<FLAGS>(static_cast<BITS>(~static_cast<BITS>(a))); } \
  inline FLAGS &operator|=(FLAGS &a, FLAGS b) { return a = a | b; }                                \
  inline FLAGS &operator&=(FLAGS &a, FLAGS b) { return a = a & b; }                                \
  /* Whether all of `b` are among `a`. */                                                          \
  constexpr bool has(FLAGS a, FLAGS b) { return (a & b) == b; }                                    \
  static_assert(true)

/* Strings and lists: a pointer and a length. */
struct span {
  const unsigned char *data;
  std::size_t len;

  static span lift(const unsigned char *from, std::size_t size, std::size_t align) {
    const span lifted = {load<const unsigned char *>(from), load<std::size_t>(from + 8)};
    if (lifted.len == 0) {
      return {nullptr, 0};
    }
    if (lifted.data == nullptr || reinterpret_cast<std::uintptr_t>(lifted.data) % align != 0 ||
        (size != 0 && lifted.len > static_cast<std::size_t>(PTRDIFF_MAX) / size)) {
      throw error("the host gave a list that cannot be");
    }
    return lifted;
  }

  static void lower(const void *data, std::size_t len, unsigned char *to) {
    store(data, to);
    store(len, to + 8);
  }
};

struct span_layout {
  static constexpr std::size_t size = 16;
  static constexpr std::size_t align = 8;
  static constexpr bool points = true;
};

template <>
struct codec<std::string_view> : span_layout {
  static std::string_view lift(const unsigned char *from) {
    const span text = span::lift(from, 1, 1);
    return std::string_view(reinterpret_cast<const char *>(text.data), text.len);
  }
};

template <>
struct codec<std::string> : span_layout {
  static std::string lift(const unsigned char *from) { return std::string(c12::lift<std::string_view>(from)); }
  static void lower(std::string &value, unsigned char *to, memory &) {
    span::lower(value.data(), value.size(), to);
  }
};

template <class T>
struct codec<view<T>> : span_layout {
  static_assert(is_plain<T>::value && sizeof(T) == codec<T>::size);
  static view<T> lift(const unsigned char *from) {
    const span list = span::lift(from, codec<T>::size, alignof(T));
    return view<T>(reinterpret_cast<const T *>(list.data), list.len);
  }
};

template <class T>
struct codec<std::vector<T>> : span_layout {
  static std::vector<T> lift(const unsigned char *from) {
    if constexpr (is_plain<T>::value) {
      return c12::lift<view<T>>(from).to_vector();
    } else {
      const span list = span::lift(from, codec<T>::size, codec<T>::align);
      std::vector<T> lifted;
      lifted.reserve(list.len);
      for (std::size_t place = 0; place < list.len; place++) {
        lifted.push_back(c12::lift<T>(list.data + place * codec<T>::size));
      }
      return lifted;
    }
  }

  static void lower(std::vector<T> &value, unsigned char *to, memory &memory) {
    if constexpr (is_plain<T>::value) {
      span::lower(value.data(), value.size(), to);
    } else {
      unsigned char *data = memory.allocate(value.size() * codec<T>::size);
      span::lower(data, value.size(), to);
      for (std::size_t place = 0; place < value.size(); place++) {
        if constexpr (std::is_same_v<T, bool>) {
          // There are no references to elements of this kind of vector.
          data[place] = value[place] ? 1 : 0;
        } else {
          c12::lower(value[place], data + place * codec<T>::size, memory);
        }
      }
    }
  }
};

constexpr std::size_t align_up(std::size_t offset, std::size_t align) {
  return (offset + align - 1) / align * align;
}

constexpr std::size_t larger(std::size_t a, std::size_t b) { return a > b ? a : b; }

template <class T>
struct codec<std::optional<T>> {
  static constexpr std::size_t align = codec<T>::align;
  static constexpr std::size_t payload = align_up(1, align);
  static constexpr std::size_t size = align_up(payload + codec<T>::size, align);
  static constexpr bool points = codec<T>::points;

  static std::optional<T> lift(const unsigned char *from) {
    if (*from > 1) {
      throw error("the host gave a case of an option that is not there");
    }
    return *from == 0 ? std::optional<T>() : std::optional<T>(c12::lift<T>(from + payload));
  }
  static void lower(std::optional<T> &value, unsigned char *to, memory &memory) {
    *to = value.has_value() ? 1 : 0;
    if (value.has_value()) {
      c12::lower(*value, to + payload, memory);
    }
  }
};

template <class T, class E>
struct codec<result<T, E>> {
  static constexpr std::size_t align = larger(codec<T>::align, codec<E>::align);
  static constexpr std::size_t payload = align_up(1, align);
  static constexpr std::size_t size = align_up(payload + larger(codec<T>::size, codec<E>::size), align);
  static constexpr bool points = codec<T>::points || codec<E>::points;

  static result<T, E> lift(const unsigned char *from) {
    switch (*from) {
      case 0:
        return ok_value<T>{c12::lift<T>(from + payload)};
      case 1:
        return err_value<E>{c12::lift<E>(from + payload)};
      default:
        throw error("the host gave a case of a result that is not there");
    }
  }
  static void lower(result<T, E> &value, unsigned char *to, memory &memory) {
    *to = value.is_ok() ? 0 : 1;
    if (value.is_ok()) {
      c12::lower(value.value(), to + payload, memory);
    } else {
      c12::lower(value.error(), to + payload, memory);
    }
  }
};

template <class... Ts>
struct codec<std::tuple<Ts...>> {
  static constexpr std::size_t align = [] {
    std::size_t align = 1;
    ((align = larger(align, codec<Ts>::align)), ...);
    return align;
  }();

  /* Where the field at a position starts; the one behind the last is the end. */
  static constexpr std::size_t offset(std::size_t field) {
    constexpr std::size_t sizes[] = {codec<Ts>::size...};
    constexpr std::size_t aligns[] = {codec<Ts>::align...};
    std::size_t at = 0;
    for (std::size_t place = 0; place < sizeof...(Ts); place++) {
      at = align_up(at, aligns[place]);
      if (place == field) {
        return at;
      }
      at += sizes[place];
    }
    return align_up(at, align);
  }

  static constexpr std::size_t size = offset(sizeof...(Ts));
  static constexpr bool points = (codec<Ts>::points || ...);

  static std::tuple<Ts...> lift(const unsigned char *from) {
    return lift_fields(from, std::index_sequence_for<Ts...>());
  }
  static void lower(std::tuple<Ts...> &value, unsigned char *to, memory &memory) {
    lower_fields(value, to, memory, std::index_sequence_for<Ts...>());
  }

 private:
  template <std::size_t... Places>
  static std::tuple<Ts...> lift_fields(const unsigned char *from, std::index_sequence<Places...>) {
    // In braces, so that it is from the first to the last.
    return std::tuple<Ts...>{c12::lift<Ts>(from + offset(Places))...};
  }
  template <std::size_t... Places>
  static void lower_fields(std::tuple<Ts...> &value, unsigned char *to, memory &memory,
                           std::index_sequence<Places...>) {
    (c12::lower(std::get<Places>(value), to + offset(Places), memory), ...);
  }
};

/* Resources go by the address of the object. */
template <class R>
struct codec<std::unique_ptr<R>> {
  static constexpr std::size_t size = 8;
  static constexpr std::size_t align = 8;
  static constexpr bool points = false;
  static std::unique_ptr<R> lift(const unsigned char *from) { return std::unique_ptr<R>(load<R *>(from)); }
  static void lower(std::unique_ptr<R> &value, unsigned char *to, memory &) {
    if (value == nullptr) {
      throw error("a resource of a result is null");
    }
    store(value.release(), to);
  }
};

template <class R>
struct codec<R *> {
  static constexpr std::size_t size = 8;
  static constexpr std::size_t align = 8;
  static constexpr bool points = false;
  static R *lift(const unsigned char *from) { return load<R *>(from); }
};

/* Says why a call traps. */
inline c12_status fail(c12_call *call, std::string_view message) noexcept {
  host->fail(call, message.data(), message.size());
  return C12_TRAP;
}

/* Runs code; an exception becomes a trap. */
template <class Body>
c12_status guarded(c12_call *call, Body &&body) noexcept {
  try {
    body();
    return C12_OK;
  } catch (const std::exception &exception) {
    return fail(call, exception.what());
  } catch (...) {
    return fail(call, "an exception that is no std::exception");
  }
}

/* A result with what it points to. */
template <class R>
struct kept {
  R value;
  c12::memory memory;
};

/* Runs a function of the plugin and hands its result to the host. */
template <class Body>
c12_status answer(c12_call *call, void *results, Body &&body) noexcept {
  using R = std::invoke_result_t<Body>;
  return guarded(call, [&] {
    if constexpr (std::is_void_v<R>) {
      (void)results;
      body();
    } else if constexpr (codec<R>::points) {
      auto whole = std::unique_ptr<kept<R>>(new kept<R>{body(), {}});
      codec<R>::lower(whole->value, static_cast<unsigned char *>(results), whole->memory);
      host->defer(call, [](void *data) { delete static_cast<kept<R> *>(data); }, whole.release());
    } else {
      R value = body();
      memory none;
      codec<R>::lower(value, static_cast<unsigned char *>(results), none);
    }
  });
}

template <class P, class = void>
struct keys_of {
  static constexpr const c12_key *data() { return nullptr; }
  static constexpr std::size_t count = 0;
};
template <class P>
struct keys_of<P, std::void_t<decltype(P::keys)>> {
  static constexpr const c12_key *data() { return P::keys; }
  static constexpr std::size_t count = sizeof(P::keys) / sizeof(P::keys[0]);
};

/* A plugin of the class `P`, whose instances have the interfaces of the world `W`. */
template <class P, class W>
struct C12_HIDDEN definition {
  using instance = typename decltype(std::declval<P &>().instantiate())::element_type;

  static c12_status open(c12_call *call, const c12_settings *given, void **plugin) noexcept {
    return guarded(call, [&] {
      if constexpr (std::is_constructible_v<P, const settings &>) {
        *plugin = new P(settings(given));
      } else {
        (void)given;
        *plugin = new P();
      }
    });
  }
  static void close(void *plugin) noexcept { delete static_cast<P *>(plugin); }

  static c12_status instantiate(c12_call *call, void *plugin, void **made) noexcept {
    return guarded(call, [&] {
      auto whole = static_cast<P *>(plugin)->instantiate();
      if (whole == nullptr) {
        throw error("the plugin made no instance");
      }
      *made = whole.release();
    });
  }
  static void drop_instance(void *made) noexcept { delete static_cast<instance *>(made); }

  static const c12_plugin_description *describe(const c12_host *given, const char *name, const char *version,
                                                const char *about) noexcept {
    static const c12_plugin_description description = {
        sizeof(c12_plugin_description),
        C12_PLUGIN_ABI,
        0,
        name,
        version,
        about,
        W::wit,
        W::name,
        W::template exports<instance>(),
        W::export_count,
        keys_of<P>::data(),
        keys_of<P>::count,
        open,
        close,
        instantiate,
        drop_instance,
    };
    if (given == nullptr || given->abi < C12_PLUGIN_ABI || given->size < sizeof(c12_host)) {
      return nullptr;
    }
    host = given;
    self = &description;
    return &description;
  }
};

}  // namespace c12

#endif
