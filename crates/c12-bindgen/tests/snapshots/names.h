/*
 * The world `names` of `test:names@2.0.0`, for plugins in C.
 * Written by `c12 plugin bindgen`: changes here are lost when it is written again.
 *
 * Implement the functions under "To implement", and define the plugin in one file:
 *
 *   C12_PLUGIN_DEFINE(NAMES_WORLD,
 *                     .name = "names",
 *                     .version = "1.0.0",
 *                     .description = "…");
 */
#ifndef C12_TEST_NAMES_NAMES_H
#define C12_TEST_NAMES_NAMES_H

#include "c12_plugin_c.h"

/* The type of what `instantiate` makes: a type of yours, if you define this before. */
#ifndef C12_INSTANCE
#define C12_INSTANCE void
#endif

/* Types */

#ifndef C12_LIST_U8_T
#define C12_LIST_U8_T
typedef struct c12_list_u8_t {
  uint8_t const *data;
  size_t len;
} c12_list_u8_t;
#endif

typedef struct other_types_shared_cell_t {
  /* One of the constants below. */
  uint8_t tag;
  union {
    int64_t integer;
    double real;
    c12_string text;
    c12_list_u8_t blob;
  };
} other_types_shared_cell_t;
#define OTHER_TYPES_SHARED_CELL_NULL 0
#define OTHER_TYPES_SHARED_CELL_INTEGER 1
#define OTHER_TYPES_SHARED_CELL_REAL 2
#define OTHER_TYPES_SHARED_CELL_TEXT 3
#define OTHER_TYPES_SHARED_CELL_BLOB 4

typedef struct other_types_shared_list_cell_t {
  other_types_shared_cell_t const *data;
  size_t len;
} other_types_shared_list_cell_t;

typedef struct other_types_shared_row_t {
  other_types_shared_list_cell_t cells;
  uint64_t id;
} other_types_shared_row_t;

/* Nobody uses this one. */
typedef struct other_types_shared_unused_t {
  uint8_t x;
} other_types_shared_unused_t;

typedef other_types_shared_row_t names_row_t;

typedef struct other_types_shared_list_row_t {
  other_types_shared_row_t const *data;
  size_t len;
} other_types_shared_list_row_t;

/* A type of the world itself. */
typedef struct names_setup_t {
  other_types_shared_list_row_t rows;
  uint8_t strict;
} names_setup_t;

#ifndef C12_RESULT_U32_STRING_T
#define C12_RESULT_U32_STRING_T
typedef struct c12_result_u32_string_t {
  uint8_t is_err;
  union {
    uint32_t ok;
    c12_string err;
  };
} c12_result_u32_string_t;
#endif

#ifndef C12_OPTION_U8_T
#define C12_OPTION_U8_T
typedef struct c12_option_u8_t {
  uint8_t is_some;
  /* There only if `is_some` is 1. */
  uint8_t value;
} c12_option_u8_t;
#endif

typedef struct test_names_keywords_class_t {
  uint32_t int_;
  c12_string type;
  uint8_t self;
  c12_option_u8_t default_;
  uint32_t namespace_;
} test_names_keywords_class_t;

typedef uint8_t test_names_keywords_template_t;
#define TEST_NAMES_KEYWORDS_TEMPLATE_AUTO ((test_names_keywords_template_t)0)
#define TEST_NAMES_KEYWORDS_TEMPLATE_REGISTER ((test_names_keywords_template_t)1)
#define TEST_NAMES_KEYWORDS_TEMPLATE_THIS ((test_names_keywords_template_t)2)
#define TEST_NAMES_KEYWORDS_TEMPLATE_MATCH ((test_names_keywords_template_t)3)
#define TEST_NAMES_KEYWORDS_TEMPLATE_UNION ((test_names_keywords_template_t)4)

typedef struct test_names_keywords_struct_t {
  /* One of the constants below. */
  uint8_t tag;
  union {
    uint32_t mut;
    test_names_keywords_class_t impl;
    test_names_keywords_template_t while_;
  };
} test_names_keywords_struct_t;
#define TEST_NAMES_KEYWORDS_STRUCT_CONST 0
#define TEST_NAMES_KEYWORDS_STRUCT_MUT 1
#define TEST_NAMES_KEYWORDS_STRUCT_IMPL 2
#define TEST_NAMES_KEYWORDS_STRUCT_WHILE 3

typedef uint8_t test_names_keywords_static_t;
#define TEST_NAMES_KEYWORDS_STATIC_EXTERN ((test_names_keywords_static_t)(1u << 0))
#define TEST_NAMES_KEYWORDS_STATIC_TYPENAME ((test_names_keywords_static_t)(1u << 1))
#define TEST_NAMES_KEYWORDS_STATIC_LOOP ((test_names_keywords_static_t)(1u << 2))
#define TEST_NAMES_KEYWORDS_STATIC_ASYNC ((test_names_keywords_static_t)(1u << 3))

#ifndef C12_OPTION_STRING_T
#define C12_OPTION_STRING_T
typedef struct c12_option_string_t {
  uint8_t is_some;
  /* There only if `is_some` is 1. */
  c12_string value;
} c12_option_string_t;
#endif

#ifndef C12_LIST_STRING_T
#define C12_LIST_STRING_T
typedef struct c12_list_string_t {
  c12_string const *data;
  size_t len;
} c12_list_string_t;
#endif

#ifndef C12_RESULT_STRING_STRING_T
#define C12_RESULT_STRING_STRING_T
typedef struct c12_result_string_string_t {
  uint8_t is_err;
  union {
    c12_string ok;
    c12_string err;
  };
} c12_result_string_string_t;
#endif

typedef struct test_names_keywords_guest_t {
  c12_option_string_t option;
  c12_list_string_t vec;
  c12_result_string_string_t result;
  uint8_t ok;
  c12_string string;
} test_names_keywords_guest_t;

typedef struct test_names_keywords_has_caps_t {
  c12_string url;
} test_names_keywords_has_caps_t;

typedef struct test_names_keywords_list_t {
  test_names_keywords_class_t const *data;
  size_t len;
} test_names_keywords_list_t;

/* Yours to define: `struct test_names_keywords_object_t { … };` */
typedef struct test_names_keywords_object_t test_names_keywords_object_t;

typedef other_types_shared_row_t test_names_uses_row_t;

typedef other_types_shared_cell_t test_names_uses_value_t;

typedef test_names_keywords_class_t test_names_uses_class_t;

typedef struct test_names_uses_table_t {
  other_types_shared_row_t const *data;
  size_t len;
} test_names_uses_table_t;

typedef struct other_types_shared_option_row_t {
  uint8_t is_some;
  /* There only if `is_some` is 1. */
  other_types_shared_row_t value;
} other_types_shared_option_row_t;

typedef uint8_t inside_mode_t;
#define INSIDE_MODE_QUICK ((inside_mode_t)0)
#define INSIDE_MODE_SLOW ((inside_mode_t)1)

/* To implement. Arguments are the host's, and gone when the function returns. `result` is zeroed; what
 * it leads to comes from `c12_alloc`, or is freed by what `c12_plugin_host->defer` is given. */

/* Functions of the world itself. */
c12_status names_start(
    c12_call *call,
    C12_INSTANCE *instance,
    const names_setup_t *setup,
    c12_result_u32_string_t *result);

c12_status names_stop(c12_call *call, C12_INSTANCE *instance);

c12_status test_names_keywords_fn(
    c12_call *call,
    C12_INSTANCE *instance,
    uint32_t const_,
    test_names_keywords_template_t enum_,
    test_names_keywords_class_t *result);

c12_status test_names_keywords_new(
    c12_call *call,
    C12_INSTANCE *instance,
    c12_string call_,
    uint8_t instance_,
    uint16_t result_,
    uint32_t arguments,
    uint64_t results,
    test_names_keywords_list_t *result);

c12_status test_names_keywords_delete(
    c12_call *call,
    C12_INSTANCE *instance,
    const test_names_keywords_struct_t *operator_,
    test_names_keywords_static_t *result);

c12_status test_names_keywords_pub(
    c12_call *call,
    C12_INSTANCE *instance,
    const test_names_keywords_guest_t *g,
    test_names_keywords_guest_t *result);

c12_status test_names_keywords_get_url(
    c12_call *call,
    C12_INSTANCE *instance,
    const test_names_keywords_has_caps_t *x,
    c12_string *result);

c12_status test_names_keywords_object_constructor(
    c12_call *call,
    C12_INSTANCE *instance,
    uint8_t new_,
    test_names_keywords_object_t **result);

c12_status test_names_keywords_object_drop(
    c12_call *call,
    C12_INSTANCE *instance,
    test_names_keywords_object_t *self,
    uint8_t *result);

c12_status test_names_keywords_object_dropped(
    c12_call *call,
    C12_INSTANCE *instance,
    test_names_keywords_object_t *self,
    uint8_t *result);

c12_status test_names_keywords_object_delete(
    c12_call *call,
    C12_INSTANCE *instance,
    test_names_keywords_object_t *self,
    uint8_t instance_,
    uint8_t *result);

c12_status test_names_keywords_object_this(
    c12_call *call,
    C12_INSTANCE *instance,
    uint8_t self,
    test_names_keywords_object_t **result);

/* The guest has no more use for it. */
c12_status test_names_keywords_object_drop_(
    c12_call *call,
    C12_INSTANCE *instance,
    test_names_keywords_object_t *self);

c12_status test_names_uses_first(
    c12_call *call,
    C12_INSTANCE *instance,
    test_names_uses_table_t table,
    other_types_shared_option_row_t *result);

c12_status test_names_uses_count(
    c12_call *call,
    C12_INSTANCE *instance,
    other_types_shared_list_cell_t values,
    const test_names_keywords_class_t *of,
    uint64_t *result);

c12_status inside_run(c12_call *call, C12_INSTANCE *instance, inside_mode_t mode, inside_mode_t *result);

