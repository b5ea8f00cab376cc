// Gives every value back, in C++.
#include "world.h"

using namespace test::values::echo;

namespace {

// From what a parameter is to what a result is: copies what was borrowed.
template <class T>
struct owner {
  static T of(const T &x) { return x; }
};

template <class T>
auto own(const T &x) {
  return owner<T>::of(x);
}

template <>
struct owner<std::string_view> {
  static std::string of(std::string_view x) { return std::string(x); }
};
template <class T>
struct owner<c12::view<T>> {
  static std::vector<T> of(c12::view<T> x) { return x.to_vector(); }
};
template <class T>
struct owner<std::vector<T>> {
  static auto of(const std::vector<T> &x) {
    std::vector<decltype(own(std::declval<T>()))> owned;
    for (const auto &item : x) {
      owned.push_back(own<T>(item));
    }
    return owned;
  }
};
template <class T>
struct owner<std::optional<T>> {
  static auto of(const std::optional<T> &x) {
    using owned = std::optional<decltype(own(*x))>;
    return x.has_value() ? owned(own(*x)) : owned();
  }
};
template <class... Ts>
struct owner<std::tuple<Ts...>> {
  static auto of(const std::tuple<Ts...> &x) {
    return std::apply([](const auto &...fields) { return std::make_tuple(own(fields)...); }, x);
  }
};
template <class T, class E>
struct owner<c12::result<T, E>> {
  static auto of(const c12::result<T, E> &x) {
    using owned = c12::result<decltype(own(x.value())), decltype(own(x.error()))>;
    return x.is_ok() ? owned(c12::ok(own(x.value()))) : owned(c12::err(own(x.error())));
  }
};

class instance final : public guest {
 public:
  explicit instance(std::string greeting) : greeting_(std::move(greeting)) {}

  bool echo_bool(bool x) override { return own(x); }
  std::uint8_t echo_u8(std::uint8_t x) override { return own(x); }
  std::uint16_t echo_u16(std::uint16_t x) override { return own(x); }
  std::uint32_t echo_u32(std::uint32_t x) override { return own(x); }
  std::uint64_t echo_u64(std::uint64_t x) override { return own(x); }
  std::int8_t echo_s8(std::int8_t x) override { return own(x); }
  std::int16_t echo_s16(std::int16_t x) override { return own(x); }
  std::int32_t echo_s32(std::int32_t x) override { return own(x); }
  std::int64_t echo_s64(std::int64_t x) override { return own(x); }
  float echo_f32(float x) override { return own(x); }
  double echo_f64(double x) override { return own(x); }
  char32_t echo_char(char32_t x) override { return own(x); }
  std::string echo_string(std::string_view x) override { return own(x); }
  std::string echo_name(std::string_view x) override { return own(x); }
  std::vector<std::uint8_t> echo_bytes(c12::view<std::uint8_t> x) override { return own(x); }
  std::vector<double> echo_floats(c12::view<double> x) override { return own(x); }
  std::vector<bool> echo_bools(std::vector<bool> x) override { return own(x); }
  std::vector<char32_t> echo_chars(std::vector<char32_t> x) override { return own(x); }
  std::vector<std::string> echo_strings(std::vector<std::string_view> x) override { return own(x); }
  std::vector<std::vector<std::uint8_t>> echo_lists(std::vector<c12::view<std::uint8_t>> x) override { return own(x); }
  std::vector<std::vector<std::vector<std::string>>> echo_deep_lists(std::vector<std::vector<std::vector<std::string_view>>> x) override { return own(x); }
  point echo_point(point x) override { return own(x); }
  std::vector<point> echo_points(c12::view<point> x) override { return own(x); }
  std::vector<gaps> echo_gaps(c12::view<gaps> x) override { return own(x); }
  segment echo_segment(segment x) override { return own(x); }
  person echo_person(person x) override { return own(x); }
  std::vector<person> echo_people(std::vector<person> x) override { return own(x); }
  std::vector<switches> echo_switches(std::vector<switches> x) override { return own(x); }
  hue echo_hue(hue x) override { return own(x); }
  std::vector<hue> echo_hues(std::vector<hue> x) override { return own(x); }
  rights echo_rights(rights x) override { return own(x); }
  std::vector<rights> echo_rights_list(std::vector<rights> x) override { return own(x); }
  nine echo_nine(nine x) override { return own(x); }
  seventeen echo_seventeen(seventeen x) override { return own(x); }
  thirty_two echo_thirty_two(thirty_two x) override { return own(x); }
  shape echo_shape(shape x) override { return own(x); }
  std::vector<shape> echo_shapes(std::vector<shape> x) override { return own(x); }
  amount echo_amount(amount x) override { return own(x); }
  std::tuple<std::string, std::uint64_t> echo_pair(std::tuple<std::string_view, std::uint64_t> x) override { return own(x); }
  std::tuple<std::uint8_t, std::uint64_t, std::uint8_t, std::string, std::optional<std::uint16_t>> echo_tuple(std::tuple<std::uint8_t, std::uint64_t, std::uint8_t, std::string_view, std::optional<std::uint16_t>> x) override { return own(x); }
  std::tuple<std::string> echo_single(std::tuple<std::string_view> x) override { return own(x); }
  std::vector<std::tuple<std::string, std::vector<std::uint8_t>>> echo_pairs(std::vector<std::tuple<std::string_view, c12::view<std::uint8_t>>> x) override { return own(x); }
  std::optional<std::uint64_t> echo_option(std::optional<std::uint64_t> x) override { return own(x); }
  std::optional<std::string> echo_option_string(std::optional<std::string_view> x) override { return own(x); }
  std::optional<std::optional<std::uint32_t>> echo_option_option(std::optional<std::optional<std::uint32_t>> x) override { return own(x); }
  std::optional<std::vector<point>> echo_option_points(std::optional<c12::view<point>> x) override { return own(x); }
  std::optional<person> echo_option_person(std::optional<person> x) override { return own(x); }
  c12::result<std::uint32_t, std::string> echo_result(c12::result<std::uint32_t, std::string_view> x) override { return own(x); }
  c12::result<std::string, std::monostate> echo_result_ok(c12::result<std::string_view, std::monostate> x) override { return own(x); }
  c12::result<std::monostate, std::uint64_t> echo_result_err(c12::result<std::monostate, std::uint64_t> x) override { return own(x); }
  c12::result<std::monostate, std::monostate> echo_result_empty(c12::result<std::monostate, std::monostate> x) override { return own(x); }
  c12::result<c12::result<std::uint8_t, std::uint64_t>, std::vector<std::string>> echo_result_nested(c12::result<c12::result<std::uint8_t, std::uint64_t>, std::vector<std::string_view>> x) override { return own(x); }

  std::tuple<std::uint8_t, std::string, std::uint64_t, std::vector<std::uint16_t>, std::optional<std::string>, bool,
             float, std::vector<std::string>, point, std::int8_t, shape, std::uint16_t>
  echo_many(std::uint8_t a, std::string_view b, std::uint64_t c, c12::view<std::uint16_t> d,
            std::optional<std::string_view> e, bool f, float g, std::vector<std::string_view> h, point i,
            std::int8_t j, shape k, std::uint16_t l, std::tuple<std::uint8_t, std::uint32_t> m, rights n, char32_t o,
            hue p, c12::result<std::uint8_t, std::string_view> q) override {
    if (m != std::make_tuple(7, 8u) || n != (rights::read | rights::execute) || o != U'\u6c34' ||
        p != hue::blue || q.is_ok() || q.error() != "no") {
      throw c12::error("the arguments are not what they were");
    }
    return {a, own(b), c, own(d), own(e), f, g, own(h), i, j, k, l};
  }

  void nothing() override { calls_++; }

  void only_in(std::string_view x) override {
    if (x == "error") {
      throw std::out_of_range("told to throw");
    }
    if (x == "number") {
      throw 7;
    }
    if (x == "log") {
      c12::log::warn("a line");
    }
  }

  std::string only_out() override { return greeting_ + " " + std::to_string(calls_); }

 private:
  std::string greeting_;
  int calls_ = 0;
};

class plugin {
 public:
  static constexpr c12::key keys[] = {
      c12::key::text("greeting").fallback("hi").description("What it says"),
      c12::key::integer("limit"),
  };

  explicit plugin(const c12::settings &settings) : greeting_(settings.text("greeting")) {
    if (settings.get("limit") && settings.integer("limit") < 0) {
      throw c12::error("the limit is too little");
    }
  }

  std::unique_ptr<instance> instantiate() const { return std::make_unique<instance>(greeting_); }

 private:
  std::string greeting_;
};

}  // namespace

C12_PLUGIN_DEFINE(plugin, c12::worlds::values, "values-cpp", "1.0.0", "Gives every value back")
