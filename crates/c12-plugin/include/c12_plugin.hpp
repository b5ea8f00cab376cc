/*
 * c12_plugin.hpp: what plugins in C++17 are written with. Headers that `c12 plugin bindgen --lang cpp` writes
 * include it.
 *
 * WIT in C++:
 *
 *   bool, u8 … f64           bool, std::uint8_t … double
 *   char                     char32_t
 *   string                   std::string_view as a parameter, std::string elsewhere
 *   list<T>                  c12::view<T> as a parameter if T is a number or a record of nothing but numbers;
 *                            std::vector<T> elsewhere
 *   option, tuple            std::optional, std::tuple
 *   result<T, E>             c12::result<T, E>, made with c12::ok and c12::err
 *   record, enum, flags      a struct, an enum class, an enum class with operators
 *   variant                  a struct with a std::variant `value` of a struct for each case
 *   own<R>                   std::unique_ptr<R>
 *   borrow<R>                R & as a parameter, R * within others
 *
 * Views show the guest's own memory, or the host's: nothing is copied, and they are gone when the function returns.
 * Results stay as they are until the host has taken them. An exception that leaves a function of the plugin makes
 * the guest's call trap with what() as its message.
 *
 * Link with -Wl,--version-script=c12_plugin.map: without it the library may never be unloaded, and a new version
 * does not take the old one's place.
 *
 * Licence: Apache-2.0 WITH LLVM-exception.
 */
#ifndef C12_PLUGIN_HPP
#define C12_PLUGIN_HPP

#include "c12_plugin.h"

#include <charconv>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <exception>
#include <memory>
#include <new>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

static_assert(sizeof(void *) == 8, "plugins are for machines with pointers of 64 bits");

// For what belongs to one plugin: the dynamic linker must not take that of another.
#if defined(__GNUC__)
#define C12_HIDDEN __attribute__((visibility("hidden")))
#else
#define C12_HIDDEN
#endif

namespace c12 {

/* What the host does for this plugin, and the plugin's description. */
C12_HIDDEN inline const c12_host *host = nullptr;
C12_HIDDEN inline const c12_plugin_description *self = nullptr;

/* An error with a message. Any exception does; this one needs no other header. */
class error : public std::runtime_error {
 public:
  explicit error(const std::string &message) : std::runtime_error(message) {}
};

/* Lines in the host's log, from any thread. */
namespace log {

inline void write(std::uint32_t level, std::string_view line) {
  if (host != nullptr && self != nullptr) {
    host->log(self->name, level, line.data(), line.size());
  }
}
inline void error(std::string_view line) { write(C12_LOG_ERROR, line); }
inline void warn(std::string_view line) { write(C12_LOG_WARN, line); }
inline void info(std::string_view line) { write(C12_LOG_INFO, line); }
inline void debug(std::string_view line) { write(C12_LOG_DEBUG, line); }
inline void trace(std::string_view line) { write(C12_LOG_TRACE, line); }

}  // namespace log

/* Elements that somebody else has, one after another. */
template <class T>
class view {
 public:
  using value_type = T;
  using const_iterator = const T *;

  constexpr view() noexcept = default;
  constexpr view(const T *data, std::size_t size) noexcept : data_(data), size_(size) {}
  view(const std::vector<T> &of) noexcept : data_(of.data()), size_(of.size()) {}

  constexpr const T *data() const noexcept { return data_; }
  constexpr std::size_t size() const noexcept { return size_; }
  constexpr bool empty() const noexcept { return size_ == 0; }
  constexpr const T *begin() const noexcept { return data_; }
  constexpr const T *end() const noexcept { return data_ + size_; }
  constexpr const T &operator[](std::size_t place) const { return data_[place]; }
  std::vector<T> to_vector() const { return std::vector<T>(begin(), end()); }

 private:
  const T *data_ = nullptr;
  std::size_t size_ = 0;
};

/* The sides of a result. */
template <class T>
struct ok_value {
  T value;
};
template <class E>
struct err_value {
  E value;
};

template <class T>
ok_value<std::decay_t<T>> ok(T &&value) {
  return {std::forward<T>(value)};
}
inline ok_value<std::monostate> ok() { return {}; }
template <class E>
err_value<std::decay_t<E>> err(E &&value) {
  return {std::forward<E>(value)};
}
inline err_value<std::monostate> err() { return {}; }

/* A WIT result. A side without a type is std::monostate. */
template <class T = std::monostate, class E = std::monostate>
class result {
 public:
  template <class U, class = std::enable_if_t<std::is_constructible_v<T, U &&>>>
  result(ok_value<U> ok) : sides_(std::in_place_index<0>, T(std::move(ok.value))) {}
  template <class F, class = std::enable_if_t<std::is_constructible_v<E, F &&>>>
  result(err_value<F> err) : sides_(std::in_place_index<1>, E(std::move(err.value))) {}

  bool is_ok() const noexcept { return sides_.index() == 0; }
  explicit operator bool() const noexcept { return is_ok(); }

  T &value() {
    if (!is_ok()) {
      throw c12::error("a result has no value, but an error");
    }
    return *std::get_if<0>(&sides_);
  }
  const T &value() const { return const_cast<result *>(this)->value(); }
  E &error() {
    if (is_ok()) {
      throw c12::error("a result has no error, but a value");
    }
    return *std::get_if<1>(&sides_);
  }
  const E &error() const { return const_cast<result *>(this)->error(); }

 private:
  std::variant<T, E> sides_;
};

/* A setting that a plugin knows:
 *
 *   static constexpr c12::key keys[] = {
 *       c12::key::path("database").required().description("The file of the database"),
 *       c12::key::integer("connections").fallback("4"),
 *   };
 */
class key : public c12_key {
 public:
  static constexpr key text(const char *called) { return key(C12_TEXT, called); }
  static constexpr key integer(const char *called) { return key(C12_INTEGER, called); }
  static constexpr key boolean(const char *called) { return key(C12_BOOLEAN, called); }
  static constexpr key path(const char *called) { return key(C12_PATH, called); }
  static constexpr key secret(const char *called) { return key(C12_SECRET, called); }

  constexpr key description(const char *text) const {
    key copy = *this;
    copy.c12_key::description = text;
    return copy;
  }
  constexpr key fallback(const char *value) const {
    key copy = *this;
    copy.c12_key::fallback = value;
    return copy;
  }
  constexpr key required() const {
    key copy = *this;
    copy.c12_key::required = 1;
    return copy;
  }

 private:
  constexpr key(std::uint32_t of, const char *called)
      : c12_key{sizeof(c12_key), called, "", nullptr, of, 0} {}
};
static_assert(sizeof(key) == sizeof(c12_key));

/* The settings of a plugin: what the user gave, or the fallback. Valid while the plugin is constructed. */
class settings {
 public:
  explicit settings(const c12_settings *given) : settings_(given) {}

  /* The value of a key, if it has one. */
  std::optional<std::string_view> get(std::string_view name) const {
    for (std::size_t i = 0; settings_ != nullptr && i < settings_->count; i++) {
      const c12_setting &pair = settings_->settings[i];
      if (std::string_view(pair.key.data, pair.key.len) == name) {
        return std::string_view(pair.value.data, pair.value.len);
      }
    }
    return std::nullopt;
  }

  /* The value of a key that must have one. */
  std::string text(std::string_view name) const {
    if (auto value = get(name)) {
      return std::string(*value);
    }
    throw error("the setting `" + std::string(name) + "` is not given");
  }

  std::int64_t integer(std::string_view name) const {
    const std::string value = text(name);
    std::int64_t number = 0;
    const char *end = value.data() + value.size();
    // `from_chars` takes no plus, the host does.
    const char *start = value.data() + (value.size() > 1 && value[0] == '+' ? 1 : 0);
    const auto parsed = std::from_chars(start, end, number);
    if (parsed.ec != std::errc() || parsed.ptr != end) {
      throw error("the setting `" + std::string(name) + "` is no integer");
    }
    return number;
  }

  bool boolean(std::string_view name) const { return text(name) == "true"; }

 private:
  const c12_settings *settings_;
};

}  // namespace c12

#include "c12_plugin_glue.hpp"

/*
 * Defines the symbol of the plugin, in one file of it:
 *
 *   C12_PLUGIN_DEFINE(plugin, c12::worlds::text_tools, "text-tools", "1.0.0", "Reverses text")
 *
 * `plugin` is a class that is constructed once, from `const c12::settings &` or nothing, with a function `instantiate`
 * that any thread may call and that returns a std::unique_ptr to what one instance of a guest has: an object with all
 * classes `guest` of the world. If it has `static constexpr c12::key keys[]`, those are its settings.
 */
#define C12_PLUGIN_DEFINE(PLUGIN, WORLD, NAME, VERSION, DESCRIPTION)                                \
  extern "C" C12_EXPORT const c12_plugin_description *c12_plugin(const c12_host *host) {            \
    return c12::definition<PLUGIN, WORLD::world>::describe(host, NAME, VERSION, DESCRIPTION);       \
  }

#endif
