/* The native plugin of the benchmark of plugin calls. The build gives the text of calls.wit as WIT, and may give a
 * NAME. */
#include <stdlib.h>
#include <string.h>

#include "c12_plugin.h"

#ifndef NAME
#define NAME "calls"
#endif

static const c12_host *host;

/* Memory for a result: the host's or, with OWN_MEMORY, the plugin's, to be freed when the host has taken it. */
static void *allocate(c12_call *call, size_t size, size_t align) {
#ifdef OWN_MEMORY
  void *memory = malloc(size ? size : 1);
  (void)align;
  if (memory) host->defer(call, free, memory);
  return memory;
#else
  return host->alloc(call, size, align);
#endif
}

typedef struct fields {
  int32_t a;
  uint64_t b;
  float c;
  double d;
  uint8_t e;
  uint8_t f;
  int16_t g;
  int64_t h;
  uint32_t i;
  uint16_t j;
} fields;

typedef struct row {
  c12_string name;
  uint32_t id;
  double value;
  uint64_t count;
} row;

static c12_status call_add(c12_call *call, void *self, const void *arguments, void *results) {
  const uint32_t *numbers = arguments;
  (void)call, (void)self;
  *(uint32_t *)results = numbers[0] + numbers[1];
  return C12_OK;
}

static c12_status call_ten(c12_call *call, void *self, const void *arguments, void *results) {
  const fields *in = arguments;
  fields *out = results;
  (void)call, (void)self;
  out->a = (int32_t)((uint32_t)in->a + 1);
  out->b = in->b + 1;
  out->c = in->c + 1;
  out->d = in->d + 1;
  out->e = (uint8_t)(in->e + 1);
  out->f = !in->f;
  out->g = (int16_t)(in->g + 1);
  out->h = (int64_t)((uint64_t)in->h + 1);
  out->i = in->i + 1;
  out->j = (uint16_t)(in->j + 1);
  return C12_OK;
}

/* Text and lists of bytes look alike: data and length. */
static c12_status call_copy(c12_call *call, void *self, const void *arguments, void *results) {
  const c12_list *in = arguments;
  (void)self;
  void *bytes = allocate(call, in->len, 1);
  if (!bytes) return C12_TRAP;
  if (in->len) memcpy(bytes, in->data, in->len);
  *(c12_list *)results = (c12_list){bytes, in->len};
  return C12_OK;
}

/* The names stay where they are: the host takes them from there. */
static c12_status call_rows(c12_call *call, void *self, const void *arguments, void *results) {
  const c12_list *list = arguments;
  const row *in = list->data;
  (void)self;
  row *out = allocate(call, list->len * sizeof(row), 8);
  if (!out) return C12_TRAP;
  for (size_t i = 0; i < list->len; i++) {
    out[i] = in[i];
    out[i].count++;
  }
  *(c12_list *)results = (c12_list){out, list->len};
  return C12_OK;
}

#define ENTRY(name, function) {sizeof(c12_export), "bench:calls/calls@0.1.0", name, function, 0, 0}

static const c12_export exports[] = {
  ENTRY("add", call_add),
  ENTRY("ten", call_ten),
  ENTRY("text", call_copy),
  ENTRY("rows", call_rows),
  ENTRY("copy", call_copy),
};

static const c12_plugin_description description = {
  .size = sizeof(c12_plugin_description),
  .abi = C12_PLUGIN_ABI,
  .name = NAME,
  .version = "0.1.0",
  .description = "Functions that do next to nothing",
  .wit = WIT,
  .world = "provider",
  .exports = exports,
  .export_count = sizeof exports / sizeof *exports,
};

const c12_plugin_description *c12_plugin(const c12_host *given) {
  host = given;
  return &description;
}
