// Resources in every position, in C++.
#include "world.h"

using namespace test::resources;

namespace {

class table final : public store::table {
 public:
  table(int &living, std::string_view name) : living_(living), name_(name) { living_++; }
  ~table() override { living_--; }

  std::uint32_t insert(std::string_view text) override {
    texts.emplace_back(text);
    return static_cast<std::uint32_t>(texts.size() - 1);
  }
  std::optional<std::string> get(std::uint32_t place) override {
    return place < texts.size() ? std::optional(texts[place]) : std::nullopt;
  }
  std::string name() override { return name_; }
  std::uint32_t append(store::table &other) override {
    const auto more = static_cast<table &>(other).texts;
    texts.insert(texts.end(), more.begin(), more.end());
    return static_cast<std::uint32_t>(texts.size());
  }
  void rename(std::string_view name) { name_ = name; }

  std::vector<std::string> texts;

 private:
  int &living_;
  std::string name_;
};

class cursor final : public store::cursor {
 public:
  explicit cursor(std::unique_ptr<store::table> of) : table(std::move(of)) {}
  std::optional<std::string> next() override { return table->get(next_++); }

  std::unique_ptr<store::table> table;

 private:
  std::uint32_t next_ = 0;
};

bool is_empty(store::table &of) { return static_cast<table &>(of).texts.empty(); }

class instance final : public store::guest, public report::guest {
 public:
  std::unique_ptr<store::table> new_table(std::string_view name) override {
    return std::make_unique<table>(living_, name);
  }
  c12::result<std::unique_ptr<store::table>, std::string> table_open(std::string_view name) override {
    if (name.empty()) {
      return c12::err(std::string("no name"));
    }
    return c12::ok(new_table(name));
  }
  std::uint32_t table_living() override { return static_cast<std::uint32_t>(living_); }
  c12::result<std::unique_ptr<store::cursor>, std::string> new_cursor(std::unique_ptr<store::table> of) override {
    if (is_empty(*of)) {
      return c12::err("`" + of->name() + "` is empty");
    }
    return c12::ok(std::make_unique<cursor>(std::move(of)));
  }
  std::unique_ptr<store::table> cursor_finish(std::unique_ptr<store::cursor> of) override {
    return std::move(static_cast<cursor &>(*of).table);
  }
  std::uint32_t total(std::vector<store::table *> tables) override {
    std::size_t all = 0;
    for (store::table *one : tables) {
      all += static_cast<table *>(one)->texts.size();
    }
    return static_cast<std::uint32_t>(all);
  }
  bool same(store::table &a, store::table &b) override { return &a == &b; }
  std::unique_ptr<store::table> rename(std::unique_ptr<store::table> of, std::string_view name) override {
    static_cast<table &>(*of).rename(name);
    return of;
  }
  std::vector<store::entry> split(std::unique_ptr<store::table> of) override {
    std::vector<store::entry> entries;
    for (const std::string &text : static_cast<table &>(*of).texts) {
      auto one = new_table(of->name());
      one->insert(text);
      entries.push_back({text, std::move(one)});
    }
    return entries;
  }
  std::optional<std::string> peek(store::look at) override { return at.what->get(at.depth); }
  store::maybe wrap(std::optional<std::unique_ptr<store::table>> of) override {
    if (!of.has_value()) {
      return {store::maybe::nothing{}};
    }
    if (is_empty(**of)) {
      return {store::maybe::some_table{std::move(*of)}};
    }
    return {store::maybe::some_cursor{std::make_unique<cursor>(std::move(*of))}};
  }
  c12::result<std::unique_ptr<store::table>, std::unique_ptr<store::cursor>> unwrap(store::maybe it) override {
    if (auto *whole = std::get_if<store::maybe::some_table>(&it.value)) {
      return c12::ok(std::move(whole->value));
    }
    if (auto *whole = std::get_if<store::maybe::some_cursor>(&it.value)) {
      return c12::err(std::move(whole->value));
    }
    return c12::ok(new_table("nothing"));
  }
  std::string describe(store::table &of) override { return of.name() + "!"; }
  std::vector<store::entry> pack(std::vector<std::unique_ptr<store::table>> tables) override {
    std::vector<store::entry> entries;
    for (auto &one : tables) {
      std::string name = one->name();
      entries.push_back({std::move(name), std::move(one)});
    }
    return entries;
  }

 private:
  int living_ = 0;
};

struct plugin {
  std::unique_ptr<instance> instantiate() { return std::make_unique<instance>(); }
};

}  // namespace

C12_PLUGIN_DEFINE(plugin, c12::worlds::resources, "resources-cpp", "1.0.0", "Resources")
