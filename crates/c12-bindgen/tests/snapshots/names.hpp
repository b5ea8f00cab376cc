/*
 * The world `names` of `test:names@2.0.0`, for plugins in C++17.
 * Written by `c12 plugin bindgen`: changes here are lost when it is written again.
 *
 * Derive the class of your instances from:
 *
 *   c12::worlds::names::guest
 *   test::names::keywords::guest
 *   test::names::uses::guest
 *   inside::guest
 *
 * and define the plugin in one file:
 *
 *   C12_PLUGIN_DEFINE(your_plugin, c12::worlds::names, "names", "1.0.0", "…")
 */
#ifndef C12_TEST_NAMES_NAMES_HPP
#define C12_TEST_NAMES_NAMES_HPP

#include "c12_plugin.hpp"

/* Nothing but types. */
namespace other::types::shared {
struct cell {
  struct null {};
  struct integer { std::int64_t value; };
  struct real { double value; };
  struct text { std::string value; };
  struct blob { std::vector<std::uint8_t> value; };
  std::variant<null, integer, real, text, blob> value;
};

struct row {
  std::vector<cell> cells{};
  std::uint64_t id{};
};

/* Nobody uses this one. */
struct unused {
  std::uint8_t x{};
};

}  // namespace other::types::shared

namespace c12::worlds::names {
using row = ::other::types::shared::row;

/* A type of the world itself. */
struct setup {
  std::vector<::other::types::shared::row> rows{};
  bool strict{};
};

/* What one instance of a guest has. Its functions are called one after another, from any thread. */
class guest {
 public:
  virtual ~guest() = default;
  /* Functions of the world itself. */
  virtual c12::result<std::uint32_t, std::string> start(::c12::worlds::names::setup setup) = 0;
  virtual void stop() = 0;
};

}  // namespace c12::worlds::names

namespace test::names::keywords {
class object;

struct class_ {
  std::uint32_t int_{};
  std::string type{};
  bool self{};
  std::optional<std::uint8_t> default_{};
  char32_t namespace_{};
};

enum class template_ : std::uint8_t {
  auto_,
  register_,
  this_,
  match,
  union_,
};

struct struct_ {
  struct const_ {};
  struct mut { std::uint32_t value; };
  struct impl { class_ value; };
  struct while_ { template_ value; };
  std::variant<const_, mut, impl, while_> value;
};

enum class static_ : std::uint8_t {
  extern_ = 1u << 0,
  typename_ = 1u << 1,
  loop = 1u << 2,
  async = 1u << 3,
};
C12_FLAGS(static_, std::uint8_t);

struct guest_ {
  std::optional<std::string> option{};
  std::vector<std::string> vec{};
  c12::result<std::string, std::string> result;
  bool ok{};
  std::string string{};
};

struct has_caps {
  std::string url{};
};

using list = std::vector<class_>;

class object {
 public:
  virtual ~object() = default;
  virtual std::uint8_t drop() = 0;
  virtual std::uint8_t dropped() = 0;
  virtual std::uint8_t delete_(std::uint8_t instance) = 0;
};

/* What one instance of a guest has. Its functions are called one after another, from any thread. */
class guest {
 public:
  virtual ~guest() = default;
  virtual class_ fn(std::uint32_t const_, template_ enum_) = 0;
  virtual std::vector<class_> new_(
      std::string_view call,
      std::uint8_t instance,
      std::uint16_t result,
      std::uint32_t arguments,
      std::uint64_t results) = 0;
  virtual static_ delete_(struct_ operator_) = 0;
  virtual guest_ pub(guest_ g) = 0;
  virtual std::string get_url(has_caps x) = 0;
  virtual std::unique_ptr<object> new_object(std::uint8_t new_) = 0;
  virtual std::unique_ptr<object> object_this(std::uint8_t self) = 0;
};

}  // namespace test::names::keywords

namespace test::names::uses {
using row = ::other::types::shared::row;

using value = ::other::types::shared::cell;

using class_ = ::test::names::keywords::class_;

using table = std::vector<::other::types::shared::row>;

/* What one instance of a guest has. Its functions are called one after another, from any thread. */
class guest {
 public:
  virtual ~guest() = default;
  virtual std::optional<::other::types::shared::row> first(
      std::vector<::other::types::shared::row> table) = 0;
  virtual std::uint64_t count(
      std::vector<::other::types::shared::cell> values,
      ::test::names::keywords::class_ of) = 0;
};

}  // namespace test::names::uses

/* An interface without a package. */
namespace inside {
enum class mode : std::uint8_t {
  quick,
  slow,
};

/* What one instance of a guest has. Its functions are called one after another, from any thread. */
class guest {
 public:
  virtual ~guest() = default;
  virtual ::inside::mode run(::inside::mode mode) = 0;
};

}  // namespace inside

