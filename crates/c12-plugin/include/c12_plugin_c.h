/*
 * c12_plugin_c.h: what makes plugins in C shorter to write. Headers that `c12 plugin bindgen --lang c` writes
 * include it.
 *
 * Licence: Apache-2.0 WITH LLVM-exception.
 */
#ifndef C12_PLUGIN_C_H
#define C12_PLUGIN_C_H

#include "c12_plugin.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#if UINTPTR_MAX != UINT64_MAX
#error "plugins are for machines with pointers of 64 bits"
#endif

#if defined(__GNUC__)
#define C12_UNUSED __attribute__((unused))
#define C12_HIDDEN __attribute__((visibility("hidden")))
#define C12_PRINTF(TEXT, FIRST) __attribute__((format(printf, TEXT, FIRST)))
#else
#define C12_UNUSED
#define C12_HIDDEN
#define C12_PRINTF(TEXT, FIRST)
#endif

/* Defined by C12_PLUGIN_DEFINE: what the host does for this plugin, and the plugin's description. */
extern C12_HIDDEN const c12_host *c12_plugin_host;
extern C12_HIDDEN const c12_plugin_description *c12_plugin_self;

/*
 * Defines the symbol of the plugin, in one file of it. The first argument is the macro with the world's name that
 * the generated header defines; the others are fields of c12_plugin_description:
 *
 *   C12_PLUGIN_DEFINE(TEXT_TOOLS_WORLD,
 *                     .name = "text-tools",
 *                     .version = "1.0.0",
 *                     .description = "Reverses text")
 */
#define C12_PLUGIN_DEFINE(WORLD, ...)                                            \
  const c12_host *c12_plugin_host;                                               \
  const c12_plugin_description *c12_plugin_self;                                 \
  C12_EXPORT const c12_plugin_description *c12_plugin(const c12_host *host) {    \
    static const c12_plugin_description description = {                          \
        .size = sizeof(c12_plugin_description),                                  \
        .abi = C12_PLUGIN_ABI,                                                   \
        WORLD,                                                                   \
        __VA_ARGS__,                                                             \
    };                                                                           \
    if (host == NULL || host->abi < C12_PLUGIN_ABI || host->size < sizeof(c12_host)) { \
      return NULL;                                                               \
    }                                                                            \
    c12_plugin_host = host;                                                      \
    c12_plugin_self = &description;                                              \
    return &description;                                                         \
  }                                                                              \
  typedef int c12_plugin_is_defined

/* For `.keys` and `.key_count`: `C12_KEYS(keys)` of an array of c12_key. */
#define C12_KEYS(KEYS) .keys = (KEYS), .key_count = sizeof(KEYS) / sizeof((KEYS)[0])

/* An element of such an array; FALLBACK may be NULL. */
#define C12_KEY(KIND, NAME, FALLBACK, DESCRIPTION)                               \
  {                                                                              \
      .size = sizeof(c12_key), .name = (NAME), .description = (DESCRIPTION),     \
      .fallback = (FALLBACK), .kind = (KIND),                                    \
  }

/* The same for a key that must be given. */
#define C12_REQUIRED_KEY(KIND, NAME, DESCRIPTION)                                \
  {                                                                              \
      .size = sizeof(c12_key), .name = (NAME), .description = (DESCRIPTION),     \
      .kind = (KIND), .required = 1,                                             \
  }

/* Says why a call traps: `return c12_fail(call, "no file %s", name);`. Longer messages are cut. */
C12_PRINTF(2, 3)
static inline c12_status c12_fail(c12_call *call, const char *format, ...) {
  char message[512];
  va_list arguments;
  va_start(arguments, format);
  int len = vsnprintf(message, sizeof message, format, arguments);
  va_end(arguments);
  if (len < 0) {
    len = 0;
  } else if ((size_t)len >= sizeof message) {
    len = (int)sizeof message - 1;
  }
  c12_plugin_host->fail(call, message, (size_t)len);
  return C12_TRAP;
}

/* Logs a line: `c12_log(C12_LOG_INFO, "%d rows", count);`. Longer lines are cut. */
C12_PRINTF(2, 3)
static inline void c12_log(uint32_t level, const char *format, ...) {
  char message[512];
  va_list arguments;
  va_start(arguments, format);
  int len = vsnprintf(message, sizeof message, format, arguments);
  va_end(arguments);
  if (len < 0) {
    len = 0;
  } else if ((size_t)len >= sizeof message) {
    len = (int)sizeof message - 1;
  }
  c12_plugin_host->log(c12_plugin_self->name, level, message, (size_t)len);
}

/* Zeroed memory for `count` elements of `size` bytes in a result, freed by the host. If there is none, the call's
 * message says so and NULL is returned; then return C12_TRAP. */
static inline void *c12_alloc(c12_call *call, size_t count, size_t size) {
  void *memory = NULL;
  if (size == 0 || count <= (size_t)PTRDIFF_MAX / size) {
    memory = c12_plugin_host->alloc(call, count * size, 16);
  }
  if (memory == NULL) {
    c12_fail(call, "there is no memory for %zu elements of %zu bytes", count, size);
    return NULL;
  }
  return memory;
}

/* Has `free` called on memory from `malloc`, once the host has taken the results. */
static inline void c12_free_later(c12_call *call, void *memory) {
  c12_plugin_host->defer(call, free, memory);
}

/* A C string as it is; it must stay valid until the host has taken it. */
static inline c12_string c12_string_of(const char *text) {
  c12_string string = {text, strlen(text)};
  return string;
}

/* A copy of `len` bytes of text as a result, freed by the host. */
static inline c12_status c12_copy_text(c12_call *call, const char *text, size_t len, c12_string *to) {
  char *copy = (char *)c12_alloc(call, len + 1, 1);
  if (copy == NULL) {
    return C12_TRAP;
  }
  if (len > 0) {
    memcpy(copy, text, len);
  }
  to->data = copy;
  to->len = len;
  return C12_OK;
}

/* A copy of a string as a result, freed by the host. */
static inline c12_status c12_copy_string(c12_call *call, c12_string text, c12_string *to) {
  return c12_copy_text(call, text.data, text.len, to);
}

/* Whether a string is this C string. */
static inline bool c12_string_is(c12_string string, const char *text) {
  return string.len == strlen(text) && (string.len == 0 || memcmp(string.data, text, string.len) == 0);
}

/* A copy of a string with a terminating zero, from `malloc`; NULL if there is no memory. A zero within the string ends
 * it for C. */
static inline char *c12_string_dup(c12_string string) {
  char *copy = (char *)malloc(string.len + 1);
  if (copy != NULL) {
    if (string.len > 0) {
      memcpy(copy, string.data, string.len);
    }
    copy[string.len] = 0;
  }
  return copy;
}

/* The value of a setting, or NULL if it has none. */
static inline const c12_string *c12_setting_of(const c12_settings *settings, const char *key) {
  for (size_t i = 0; i < settings->count; i++) {
    if (c12_string_is(settings->settings[i].key, key)) {
      return &settings->settings[i].value;
    }
  }
  return NULL;
}

#endif
