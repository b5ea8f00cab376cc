/*
 * The world `resources` of `test:resources@0.1.0`, for plugins in C++17.
 * Written by `c12 plugin bindgen`: changes here are lost when it is written again.
 *
 * Derive the class of your instances from:
 *
 *   test::resources::store::guest
 *   test::resources::report::guest
 *
 * and define the plugin in one file:
 *
 *   C12_PLUGIN_DEFINE(your_plugin, c12::worlds::resources, "resources", "1.0.0", "…")
 */
#ifndef C12_TEST_RESOURCES_RESOURCES_HPP
#define C12_TEST_RESOURCES_RESOURCES_HPP

#include "c12_plugin.hpp"

namespace test::resources::store {
class table;
class cursor;

struct entry {
  std::string key{};
  std::unique_ptr<table> value{};
};

struct look {
  table *what{};
  std::uint8_t depth{};
};

struct maybe {
  struct nothing {};
  struct some_table { std::unique_ptr<table> value; };
  struct some_cursor { std::unique_ptr<cursor> value; };
  std::variant<nothing, some_table, some_cursor> value;
};

/* Keeps texts. */
class table {
 public:
  virtual ~table() = default;
  /* Puts a text, and gives its position. */
  virtual std::uint32_t insert(std::string_view text) = 0;
  virtual std::optional<std::string> get(std::uint32_t place) = 0;
  virtual std::string name() = 0;
  /* Takes the texts of another. */
  virtual std::uint32_t append(table &other) = 0;
};

/* Moves over a table. */
class cursor {
 public:
  virtual ~cursor() = default;
  virtual std::optional<std::string> next() = 0;
};

/* What one instance of a guest has. Its functions are called one after another, from any thread. */
class guest {
 public:
  virtual ~guest() = default;
  /* Makes one with a name. */
  virtual std::unique_ptr<table> new_table(std::string_view name) = 0;
  /* Fails with what the name is. */
  virtual c12::result<std::unique_ptr<table>, std::string> table_open(std::string_view name) = 0;
  /* How many there are now. */
  virtual std::uint32_t table_living() = 0;
  /* Fails if the table is empty. */
  virtual c12::result<std::unique_ptr<cursor>, std::string> new_cursor(
      std::unique_ptr<::test::resources::store::table> table) = 0;
  virtual std::unique_ptr<table> cursor_finish(std::unique_ptr<cursor> this_) = 0;
  virtual std::uint32_t total(std::vector<table *> tables) = 0;
  virtual bool same(table &a, table &b) = 0;
  virtual std::unique_ptr<::test::resources::store::table> rename(
      std::unique_ptr<::test::resources::store::table> table,
      std::string_view name) = 0;
  virtual std::vector<entry> split(std::unique_ptr<::test::resources::store::table> table) = 0;
  virtual std::optional<std::string> peek(look at) = 0;
  virtual maybe wrap(std::optional<std::unique_ptr<::test::resources::store::table>> table) = 0;
  virtual c12::result<std::unique_ptr<table>, std::unique_ptr<cursor>> unwrap(maybe it) = 0;
};

}  // namespace test::resources::store

/* Resources of another interface. */
namespace test::resources::report {
using table = ::test::resources::store::table;

using item = ::test::resources::store::entry;

/* What one instance of a guest has. Its functions are called one after another, from any thread. */
class guest {
 public:
  virtual ~guest() = default;
  virtual std::string describe(::test::resources::store::table &table) = 0;
  virtual std::vector<::test::resources::store::entry> pack(
      std::vector<std::unique_ptr<::test::resources::store::table>> tables) = 0;
};

}  // namespace test::resources::report

