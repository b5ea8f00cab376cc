/*
 * The world `text-tools` of `example:text@1.0.0`, for plugins in C.
 * Written by `c12 plugin bindgen`: changes here are lost when it is written again.
 *
 * Implement the functions under "To implement", and define the plugin in one file:
 *
 *   C12_PLUGIN_DEFINE(TEXT_TOOLS_WORLD,
 *                     .name = "text-tools",
 *                     .version = "1.0.0",
 *                     .description = "…");
 */
#ifndef C12_EXAMPLE_TEXT_TEXT_TOOLS_H
#define C12_EXAMPLE_TEXT_TEXT_TOOLS_H

#include "c12_plugin_c.h"

/* The type of what `instantiate` makes: a type of yours, if you define this before. */
#ifndef C12_INSTANCE
#define C12_INSTANCE void
#endif

/* Types */

/* A word and how often it is there. */
typedef struct example_text_tools_word_count_t {
  c12_string word;
  uint32_t count;
} example_text_tools_word_count_t;

typedef uint8_t example_text_tools_order_t;
#define EXAMPLE_TEXT_TOOLS_ORDER_ALPHABET ((example_text_tools_order_t)0)
#define EXAMPLE_TEXT_TOOLS_ORDER_COUNT ((example_text_tools_order_t)1)

typedef struct example_text_tools_problem_t {
  /* One of the constants below. */
  uint8_t tag;
  union {
    uint32_t too_long;
  };
} example_text_tools_problem_t;
/* The text has no words. */
#define EXAMPLE_TEXT_TOOLS_PROBLEM_NO_WORDS 0
/* A word is longer than this. */
#define EXAMPLE_TEXT_TOOLS_PROBLEM_TOO_LONG 1

/* A text that is put together piece by piece. */
/* Yours to define: `struct example_text_tools_builder_t { … };` */
typedef struct example_text_tools_builder_t example_text_tools_builder_t;

#ifndef C12_LIST_U8_T
#define C12_LIST_U8_T
typedef struct c12_list_u8_t {
  uint8_t const *data;
  size_t len;
} c12_list_u8_t;
#endif

#ifndef C12_OPTION_U32_T
#define C12_OPTION_U32_T
typedef struct c12_option_u32_t {
  uint8_t is_some;
  /* There only if `is_some` is 1. */
  uint32_t value;
} c12_option_u32_t;
#endif

typedef struct example_text_tools_list_word_count_t {
  example_text_tools_word_count_t const *data;
  size_t len;
} example_text_tools_list_word_count_t;

typedef struct example_text_tools_result_list_word_count_problem_t {
  uint8_t is_err;
  union {
    example_text_tools_list_word_count_t ok;
    example_text_tools_problem_t err;
  };
} example_text_tools_result_list_word_count_problem_t;

/* To implement. Arguments are the host's, and gone when the function returns. `result` is zeroed; what
 * it leads to comes from `c12_alloc`, or is freed by what `c12_plugin_host->defer` is given. */

/* Turns a text around. */
c12_status example_text_tools_reverse(
    c12_call *call,
    C12_INSTANCE *instance,
    c12_string text,
    c12_string *result);

/* The MD5 digest of some bytes. */
c12_status example_text_tools_md5(
    c12_call *call,
    C12_INSTANCE *instance,
    c12_list_u8_t data,
    c12_list_u8_t *result);

/* Counts the words of a text. */
c12_status example_text_tools_count(
    c12_call *call,
    C12_INSTANCE *instance,
    c12_string text,
    example_text_tools_order_t by,
    const c12_option_u32_t *most,
    example_text_tools_result_list_word_count_problem_t *result);

c12_status example_text_tools_builder_constructor(
    c12_call *call,
    C12_INSTANCE *instance,
    c12_string start,
    example_text_tools_builder_t **result);

c12_status example_text_tools_builder_append(
    c12_call *call,
    C12_INSTANCE *instance,
    example_text_tools_builder_t *self,
    c12_string text);

c12_status example_text_tools_builder_finish(
    c12_call *call,
    C12_INSTANCE *instance,
    example_text_tools_builder_t *this_,
    c12_string *result);

/* The guest has no more use for it. */
c12_status example_text_tools_builder_drop(
    c12_call *call,
    C12_INSTANCE *instance,
    example_text_tools_builder_t *self);

/* From here on it is for the host. */

static inline c12_status c12_entry_example_text_tools_reverse(
    c12_call *call, void *instance, const void *arguments, void *results) {
  const struct {
    c12_string text;
  } *given = arguments;
  return example_text_tools_reverse(call, (C12_INSTANCE *)instance, given->text, (c12_string *)results);
}

static inline c12_status c12_entry_example_text_tools_md5(
    c12_call *call, void *instance, const void *arguments, void *results) {
  const struct {
    c12_list_u8_t data;
  } *given = arguments;
  return example_text_tools_md5(call, (C12_INSTANCE *)instance, given->data, (c12_list_u8_t *)results);
}

static inline c12_status c12_entry_example_text_tools_count(
    c12_call *call, void *instance, const void *arguments, void *results) {
  const struct {
    c12_string text;
    example_text_tools_order_t by;
    c12_option_u32_t most;
  } *given = arguments;
  return example_text_tools_count(
      call,
      (C12_INSTANCE *)instance,
      given->text,
      given->by,
      &given->most,
      (example_text_tools_result_list_word_count_problem_t *)results);
}

static inline c12_status c12_entry_example_text_tools_builder_constructor(
    c12_call *call, void *instance, const void *arguments, void *results) {
  const struct {
    c12_string start;
  } *given = arguments;
  return example_text_tools_builder_constructor(
      call,
      (C12_INSTANCE *)instance,
      given->start,
      (example_text_tools_builder_t **)results);
}

static inline c12_status c12_entry_example_text_tools_builder_append(
    c12_call *call, void *instance, const void *arguments, void *results) {
  const struct {
    example_text_tools_builder_t *self;
    c12_string text;
  } *given = arguments;
  (void)results;
  return example_text_tools_builder_append(call, (C12_INSTANCE *)instance, given->self, given->text);
}

static inline c12_status c12_entry_example_text_tools_builder_finish(
    c12_call *call, void *instance, const void *arguments, void *results) {
  const struct {
    example_text_tools_builder_t *this_;
  } *given = arguments;
  return example_text_tools_builder_finish(
      call,
      (C12_INSTANCE *)instance,
      given->this_,
      (c12_string *)results);
}

static inline c12_status c12_entry_example_text_tools_builder_drop(
    c12_call *call, void *instance, const void *arguments, void *results) {
  const struct {
    example_text_tools_builder_t *self;
  } *given = arguments;
  (void)results;
  return example_text_tools_builder_drop(call, (C12_INSTANCE *)instance, given->self);
}

/* The WIT by which the plugin describes itself. */
static const char c12_wit_text_tools[] C12_UNUSED =
  "package example:text@1.0.0;\n"
  "\n"
  "/// What can be done to text.\n"
  "interface tools {\n"
  "  /// A word and how often it is there.\n"
  "  record word-count {\n"
  "    word: string,\n"
  "    count: u32,\n"
  "  }\n"
  "\n"
  "  enum order {\n"
  "    alphabet,\n"
  "    count,\n"
  "  }\n"
  "\n"
  "  variant problem {\n"
  "    /// The text has no words.\n"
  "    no-words,\n"
  "    /// A word is longer than this.\n"
  "    too-long(u32),\n"
  "  }\n"
  "\n"
  "  /// A text that is put together piece by piece.\n"
  "  resource builder {\n"
  "    constructor(start: string);\n"
  "    append: func(text: string);\n"
  "    finish: static func(this: builder) -> string;\n"
  "  }\n"
  "\n"
  "  /// Turns a text around.\n"
  "  reverse: func(text: string) -> string;\n"
  "\n"
  "  /// The MD5 digest of some bytes.\n"
  "  md5: func(data: list<u8>) -> list<u8>;\n"
  "\n"
  "  /// Counts the words of a text.\n"
  "  count: func(text: string, by: order, most: option<u32>) -> result<list<word-count>, problem>;\n"
  "}\n"
  "\n"
  "world text-tools {\n"
  "  export tools;\n"
  "}\n"
;

static const c12_export c12_exports_text_tools[] C12_UNUSED = {
  {sizeof(c12_export), "example:text/tools@1.0.0", "reverse", c12_entry_example_text_tools_reverse, 0, 0},
  {sizeof(c12_export), "example:text/tools@1.0.0", "md5", c12_entry_example_text_tools_md5, C12_BLOCKING, 0},
  {sizeof(c12_export), "example:text/tools@1.0.0", "count", c12_entry_example_text_tools_count, 0, 0},
  {sizeof(c12_export), "example:text/tools@1.0.0", "[constructor]builder", c12_entry_example_text_tools_builder_constructor, 0, 0},
  {sizeof(c12_export), "example:text/tools@1.0.0", "[method]builder.append", c12_entry_example_text_tools_builder_append, 0, 0},
  {sizeof(c12_export), "example:text/tools@1.0.0", "[static]builder.finish", c12_entry_example_text_tools_builder_finish, 0, 0},
  {sizeof(c12_export), "example:text/tools@1.0.0", "[resource-drop]builder", c12_entry_example_text_tools_builder_drop, 0, 0},
};

/* The first argument of C12_PLUGIN_DEFINE. */
#define TEXT_TOOLS_WORLD \
  .wit = c12_wit_text_tools, .world = "text-tools", .exports = c12_exports_text_tools, .export_count = 7

#endif
