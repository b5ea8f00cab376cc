/*
 * c12_plugin.h: what a shared library and C12 say to each other (ABI 1).
 *
 * A plugin is a shared library with one symbol, `c12_plugin`, a function that returns a description of
 * itself: a name, a WIT world, and a table with a function for each function that the world exports. Those
 * are what it provides to guests, to components and core modules alike.
 *
 * Licence: Apache-2.0 WITH LLVM-exception.
 *
 * Values
 * ------
 * Arguments and results lie in memory as the Canonical ABI stores them (component model, "Storing"), with
 * pointers, lengths and resources of eight bytes. For C this means:
 *
 *   bool                     uint8_t, 0 or 1
 *   u8 … u64, s8 … s64       the integer of that size
 *   f32, f64                 float, double
 *   char                     uint32_t, a Unicode scalar value
 *   string                   c12_string, UTF-8, without a terminating zero
 *   list<T>                  a pointer to the first element and the number of elements, as c12_list
 *   record, tuple            a struct with the fields in order
 *   flags                    uint8_t, uint16_t or uint32_t, the first that has a bit for each; at most 32
 *   enum                     uint8_t, uint16_t or uint32_t, the first that counts all cases; the case's position
 *   variant                  a struct of the case's position, as for an enum, and a union of the payloads
 *   option<T>                as a variant of `none` and `some(T)`
 *   result<T, E>             as a variant of `ok(T)` and `err(E)`
 *   own<R>, borrow<R>        c12_resource: what the plugin chose to call it, such as a pointer
 *
 * The arguments of a function are one struct of its parameters in order. `c12 plugin bindgen` writes these
 * types and tables from the WIT.
 *
 * Whose memory it is
 * ------------------
 * What `arguments` points to belongs to the host and is valid until the function returns; lists of numbers
 * may lie in the guest's own memory. What `results` leads to must stay valid until the host has taken
 * it: take memory from `c12_host.alloc`, which the host frees, or have `c12_host.defer` free your own.
 *
 * Threads
 * -------
 * `open` and `close` are called once. `instantiate` and functions are called from any thread, for different
 * instances at the same time, for one instance one after another. So what `open` makes is shared and must
 * guard itself; what `instantiate` makes need not. Functions without C12_BLOCKING run on the guest's stack,
 * which has 512 KiB at least left for them, and should return at once; those with it run on a thread of their own.
 * `drop_instance`, and the drop of resources that a guest left behind, run where the guest ends, whatever their flags.
 *
 * No exception and no panic may leave a function.
 *
 * Versions
 * --------
 * Structs begin with their size and only ever grow at the end. Whoever reads one reads no further than its
 * size, and takes what is not there as zero.
 */
#ifndef C12_PLUGIN_H
#define C12_PLUGIN_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The version of this contract. A change that old plugins or hosts would misread gets a new one. */
#define C12_PLUGIN_ABI 1u

/* The symbol that the host looks for. */
#define C12_PLUGIN_SYMBOL "c12_plugin"

#if defined(__GNUC__)
#define C12_EXPORT __attribute__((visibility("default")))
#else
#define C12_EXPORT
#endif

/* UTF-8 text; `data` may be NULL if `len` is 0. */
typedef struct c12_string {
  const char *data;
  size_t len;
} c12_string;

/* `len` elements, one after another; `data` may be NULL if `len` is 0. */
typedef struct c12_list {
  const void *data;
  size_t len;
} c12_list;

/* What the plugin calls a resource that it made: a pointer, an index. Opaque to the host. */
typedef uint64_t c12_resource;

/* How a function ended. */
typedef int32_t c12_status;
#define C12_OK 0
/* The call traps. Say why with `c12_host.fail` before returning it. */
#define C12_TRAP 1

/* One call, as the host sees it. Valid until the function that got it returns. */
typedef struct c12_call c12_call;

/* Levels of `c12_host.log`. */
#define C12_LOG_ERROR 1u
#define C12_LOG_WARN 2u
#define C12_LOG_INFO 3u
#define C12_LOG_DEBUG 4u
#define C12_LOG_TRACE 5u

/* What the host does for plugins. Valid from `c12_plugin` on, until the library is unloaded. */
typedef struct c12_host {
  /* sizeof(c12_host) of the host. */
  size_t size;
  /* The ABI that the host speaks. */
  uint32_t abi;
  uint32_t reserved;

  /* Zeroed memory for results, freed by the host after it took them. `align` is a power of two, at most 16.
   * NULL if the instance may not have so much; then return C12_TRAP. */
  void *(*alloc)(c12_call *call, size_t size, size_t align);

  /* Calls `release(data)` after the host took the results, once, whatever the status. */
  void (*defer)(c12_call *call, void (*release)(void *data), void *data);

  /* Says why the call will trap; copied. The last word counts. */
  void (*fail)(c12_call *call, const char *message, size_t len);

  /* Logs a line under the plugin's name. `plugin` is the name in its description. Any thread, any time. */
  void (*log)(const char *plugin, uint32_t level, const char *message, size_t len);
} c12_host;

/* A setting, as the user gave it or as its key declares it. */
typedef struct c12_setting {
  c12_string key;
  c12_string value;
} c12_setting;

/* What `open` gets. Valid while it runs. */
typedef struct c12_settings {
  size_t size;
  /* All declared keys that have a value or a default, in the order of declaration. */
  const c12_setting *settings;
  size_t count;
} c12_settings;

/* Kinds of settings; the host checks values before `open` sees them. */
#define C12_TEXT 0u
#define C12_INTEGER 1u  /* decimal, 64 bits, signed */
#define C12_BOOLEAN 2u  /* "true" or "false" */
#define C12_PATH 3u     /* of a file or folder on the host */
#define C12_SECRET 4u   /* text that is never printed */

/* A setting that the plugin knows. Others are errors before the plugin is opened. */
typedef struct c12_key {
  size_t size;
  const char *name;
  const char *description;
  /* The value if the user gives none; NULL if there is none. */
  const char *fallback;
  uint32_t kind;
  /* 1 if the user must give one. */
  uint32_t required;
} c12_key;

/* A function of the world. `instance` is what `instantiate` made; `results` is zeroed memory for the result. */
typedef c12_status (*c12_function)(c12_call *call, void *instance, const void *arguments, void *results);

/* The function waits: for files, networks, other programs, or computes for more than a millisecond. */
#define C12_BLOCKING 1u

/* An entry of the table: who answers a function of the world. */
typedef struct c12_export {
  size_t size;
  /* The interface with its version, as `example:text/tools@1.0.0`; NULL for functions of the world itself. */
  const char *interface_name;
  /* As the Component Model names it: `reverse`, `[constructor]table`, `[method]table.insert`,
   * `[static]table.open`. `[resource-drop]table` gets a c12_resource and ends it. */
  const char *name;
  c12_function function;
  uint32_t flags;
  uint32_t reserved;
} c12_export;

/* What a plugin is. It and all it leads to must stay as it is until the library is unloaded. */
typedef struct c12_plugin_description {
  /* sizeof(c12_plugin_description) of the plugin. */
  size_t size;
  /* C12_PLUGIN_ABI as the plugin was built. */
  uint32_t abi;
  uint32_t reserved;

  /* Letters, digits and `-`: what users call it. */
  const char *name;
  /* As in semantic versioning. */
  const char *version;
  /* One line for people. */
  const char *description;

  /* The text of a WIT package with the world; packages that it uses follow in nested form, `package a:b { … }`. */
  const char *wit;
  /* The world in it; NULL if there is only one. */
  const char *world;

  /* An array of `export_count` entries of `exports[0].size` bytes each. */
  const c12_export *exports;
  size_t export_count;

  /* An array of `key_count` entries of `keys[0].size` bytes each. */
  const c12_key *keys;
  size_t key_count;

  /* Makes what all instances share. NULL: nothing. */
  c12_status (*open)(c12_call *call, const c12_settings *settings, void **plugin);
  /* Ends it, after all instances ended. May be NULL. */
  void (*close)(void *plugin);

  /* Makes what one instance of a guest keeps. NULL: functions get what `open` made as their instance. */
  c12_status (*instantiate)(c12_call *call, void *plugin, void **instance);
  /* Ends it, after all its resources were dropped. May be NULL. */
  void (*drop_instance)(void *instance);
} c12_plugin_description;

/*
 * The one symbol: `c12_plugin`. Called once after loading; keep `host`. Returns NULL if the plugin cannot
 * work with the host at all.
 */
typedef const c12_plugin_description *(*c12_plugin_fn)(const c12_host *host);
C12_EXPORT const c12_plugin_description *c12_plugin(const c12_host *host);

#ifdef __cplusplus
}
#endif

#endif
