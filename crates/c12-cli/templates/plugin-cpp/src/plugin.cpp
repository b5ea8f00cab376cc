// A plugin for C12 in C++. What it provides is in wit/plugin.wit; include/plugin.hpp is made from it by `make`.
#include "plugin.hpp"

namespace {

// What one instance of a guest has.
class greeter final : public example::{{snake}}::greeter::guest {
 public:
  explicit greeter(std::string greeting) : greeting_(std::move(greeting)) {}

  ~greeter() override { c12::log::debug("greeted " + std::to_string(greeted_) + " times"); }

  // The name is the guest's own memory, gone when this returns. An exception traps, with what() as the message.
  std::string greet(std::string_view name) override {
    greeted_++;
    return greeting_ + ", " + std::string(name) + "!";
  }

 private:
  std::string greeting_;
  std::uint64_t greeted_ = 0;
};

// What all instances share. It is made once.
class plugin {
 public:
  static constexpr c12::key keys[] = {
      c12::key::text("greeting").fallback("Hello").description("What comes before the name"),
  };

  explicit plugin(const c12::settings &settings) : greeting_(settings.text("greeting")) {}

  // Called for every instance of a guest, from any thread.
  std::unique_ptr<greeter> instantiate() const { return std::make_unique<greeter>(greeting_); }

 private:
  std::string greeting_;
};

}  // namespace

C12_PLUGIN_DEFINE(plugin, c12::worlds::plugin, "{{name}}", "0.1.0", "Greets")
