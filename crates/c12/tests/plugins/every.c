/* A plugin for the tests: each kind of value, each way to fail, and what a plugin must not do. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "c12_plugin.h"

static const c12_host *host;

/* What one instance keeps. */
typedef struct instance {
  uint64_t calls;
  uint64_t live;
} instance;

typedef struct point {
  float x;
  double y;
} point;

typedef struct person {
  c12_string name;
  uint8_t age;
  uint8_t active;
} person;

static c12_string text(const char *words) {
  c12_string string = {words, strlen(words)};
  return string;
}

static c12_status fail(c12_call *call, const char *message) {
  host->fail(call, message, strlen(message));
  return C12_TRAP;
}

static c12_status add(c12_call *call, void *self, const void *arguments, void *results) {
  const uint32_t *numbers = arguments;
  (void)call;
  ((instance *)self)->calls++;
  *(uint32_t *)results = numbers[0] + numbers[1];
  return C12_OK;
}

static c12_status calls(c12_call *call, void *self, const void *arguments, void *results) {
  (void)call, (void)arguments;
  *(uint64_t *)results = ((instance *)self)->calls;
  return C12_OK;
}

/* Returns its argument, which lies in the guest's own memory. */
static c12_status echo(c12_call *call, void *self, const void *arguments, void *results) {
  (void)call, (void)self;
  memcpy(results, arguments, sizeof(c12_string));
  return C12_OK;
}

static c12_status reverse(c12_call *call, void *self, const void *arguments, void *results) {
  const c12_string *string = arguments;
  (void)self;
  char *reversed = host->alloc(call, string->len, 1);
  if (!reversed) return C12_TRAP;
  for (size_t i = 0; i < string->len; i++) reversed[i] = string->data[string->len - 1 - i];
  *(c12_string *)results = (c12_string){reversed, string->len};
  return C12_OK;
}

/* The result is the plugin's own memory, freed when the host has taken it. */
static c12_status fill(c12_call *call, void *self, const void *arguments, void *results) {
  uint32_t count = *(const uint32_t *)arguments;
  (void)self;
  uint8_t *bytes = malloc(count);
  memset(bytes, 7, count);
  host->defer(call, free, bytes);
  *(c12_list *)results = (c12_list){bytes, count};
  return C12_OK;
}

static c12_status mirror(c12_call *call, void *self, const void *arguments, void *results) {
  const point *in = arguments;
  point *out = results;
  (void)call, (void)self;
  out->x = -in->x;
  out->y = -in->y;
  return C12_OK;
}

/* list<person> -> list<person> with the active ones a year older. */
static c12_status birthday(c12_call *call, void *self, const void *arguments, void *results) {
  const c12_list *list = arguments;
  const person *in = list->data;
  (void)self;
  person *out = host->alloc(call, list->len * sizeof(person), 8);
  if (!out) return C12_TRAP;
  for (size_t i = 0; i < list->len; i++) {
    out[i] = in[i];
    out[i].age = (uint8_t)(out[i].age + out[i].active);
  }
  *(c12_list *)results = (c12_list){out, list->len};
  return C12_OK;
}

/* option<u32> -> result<u64, string> */
static c12_status twice(c12_call *call, void *self, const void *arguments, void *results) {
  const struct { uint8_t some; uint32_t value; } *in = arguments;
  struct { uint8_t err; union { uint64_t ok; c12_string err; } is; } *out = results;
  (void)call, (void)self;
  if (in->some) {
    out->is.ok = 2 * (uint64_t)in->value;
  } else {
    out->err = 1;
    out->is.err = text("there is no number");
  }
  return C12_OK;
}

/* Seventeen core values do not fit into registers. */
static c12_status sum(c12_call *call, void *self, const void *arguments, void *results) {
  const uint64_t *numbers = arguments;
  uint64_t sum = 0;
  (void)call, (void)self;
  for (int i = 0; i < 17; i++) sum += numbers[i];
  *(uint64_t *)results = sum;
  return C12_OK;
}

/* A file that the tests read afterwards. */
static const char *journal;

static void note(const char *what, uint32_t number) {
  FILE *file = journal ? fopen(journal, "a") : NULL;
  if (!file) return;
  fprintf(file, "%s %u\n", what, number);
  fclose(file);
}

static c12_resource counter_from(void *self, uint32_t start) {
  uint32_t *counter = malloc(sizeof *counter);
  *counter = start;
  ((instance *)self)->live++;
  return (c12_resource)(uintptr_t)counter;
}

static c12_status counter_new(c12_call *call, void *self, const void *arguments, void *results) {
  uint32_t start = *(const uint32_t *)arguments;
  if (start == 999) return fail(call, "999 is no start");
  *(c12_resource *)results = counter_from(self, start);
  return C12_OK;
}

/* u32 -> tuple<counter, string, list<counter>>: three counters, the string of which is none if told so. */
static c12_status crowd(c12_call *call, void *self, const void *arguments, void *results) {
  struct { c12_resource first; c12_string name; c12_list rest; } *out = results;
  c12_resource *rest = host->alloc(call, 2 * sizeof(c12_resource), 8);
  if (!rest) return C12_TRAP;
  out->first = counter_from(self, 1);
  out->name = text(*(const uint32_t *)arguments ? "\xff" : "crowd");
  for (uint32_t i = 0; i < 2; i++) rest[i] = counter_from(self, i + 2);
  out->rest = (c12_list){rest, 2};
  return C12_OK;
}

static c12_status counter_next(c12_call *call, void *self, const void *arguments, void *results) {
  uint32_t *counter = (uint32_t *)(uintptr_t)*(const c12_resource *)arguments;
  (void)call, (void)self;
  *(uint32_t *)results = ++*counter;
  return C12_OK;
}

static c12_status counter_drop(c12_call *call, void *self, const void *arguments, void *results) {
  (void)call, (void)results;
  uint32_t *counter = (uint32_t *)(uintptr_t)*(const c12_resource *)arguments;
  ((instance *)self)->live--;
  note("dropped", *counter);
  free(counter);
  return C12_OK;
}

static c12_status live(c12_call *call, void *self, const void *arguments, void *results) {
  (void)call, (void)arguments;
  *(uint64_t *)results = ((instance *)self)->live;
  return C12_OK;
}

/* Waits as many milliseconds, then returns the bytes that it was given. */
static c12_status wait(c12_call *call, void *self, const void *arguments, void *results) {
  const struct { uint32_t time; c12_list bytes; } *in = arguments;
  (void)self;
  usleep(in->time * 1000);
  uint8_t *copy = host->alloc(call, in->bytes.len, 1);
  if (!copy) return C12_TRAP;
  memcpy(copy, in->bytes.data, in->bytes.len);
  *(c12_list *)results = (c12_list){copy, in->bytes.len};
  return C12_OK;
}

static c12_status refuse(c12_call *call, void *self, const void *arguments, void *results) {
  (void)self, (void)arguments, (void)results;
  return fail(call, "it was not in the mood");
}

static const char *fine = "fine";

/* What a plugin must not return, by number. */
static c12_status garbage(c12_call *call, void *self, const void *arguments, void *results) {
  c12_string *out = results;
  (void)self;
  switch (*(const uint32_t *)arguments) {
    case 0: *out = (c12_string){"\xff\xfe", 2}; break;
    case 1: *out = (c12_string){NULL, 5}; break;
    case 2: *out = (c12_string){"short", (size_t)1 << 60}; break;
    case 3: if (!host->alloc(call, (size_t)1 << 40, 1)) return C12_TRAP; break;
    case 4: if (!host->alloc(NULL, 8, 8)) return fail(call, "no call, no memory"); break;
    default: *out = text(fine); break;
  }
  return C12_OK;
}

static c12_status bad_bool(c12_call *call, void *self, const void *arguments, void *results) {
  (void)call, (void)self;
  *(uint8_t *)results = (uint8_t)*(const uint32_t *)arguments;
  return C12_OK;
}

static c12_status greeting(c12_call *call, void *self, const void *arguments, void *results);

#define IN "test:every/things@1.2.0"
#define ENTRY(name, function, flags) {sizeof(c12_export), IN, name, function, flags, 0}

static const c12_export exports[] = {
  ENTRY("add", add, 0),
  ENTRY("calls", calls, 0),
  ENTRY("echo", echo, 0),
  ENTRY("reverse", reverse, 0),
  ENTRY("fill", fill, 0),
  ENTRY("mirror", mirror, 0),
  ENTRY("birthday", birthday, 0),
  ENTRY("twice", twice, 0),
  ENTRY("sum", sum, 0),
  ENTRY("[constructor]counter", counter_new, 0),
  ENTRY("[method]counter.next", counter_next, 0),
  ENTRY("[resource-drop]counter", counter_drop, 0),
  ENTRY("crowd", crowd, 0),
  ENTRY("live", live, 0),
  ENTRY("wait", wait, C12_BLOCKING),
  ENTRY("refuse", refuse, 0),
  ENTRY("garbage", garbage, 0),
  ENTRY("bad-bool", bad_bool, 0),
  {sizeof(c12_export), NULL, "greeting", greeting, 0, 0},
};

static const char wit[] =
  "package test:every@1.2.0;\n"
  "interface things {\n"
  "  record point { x: f32, y: f64 }\n"
  "  record person { name: string, age: u8, active: bool }\n"
  "  resource counter { constructor(start: u32); next: func() -> u32; }\n"
  "  add: func(a: u32, b: u32) -> u32;\n"
  "  calls: func() -> u64;\n"
  "  echo: func(text: string) -> string;\n"
  "  reverse: func(text: string) -> string;\n"
  "  fill: func(count: u32) -> list<u8>;\n"
  "  mirror: func(of: point) -> point;\n"
  "  birthday: func(people: list<person>) -> list<person>;\n"
  "  twice: func(number: option<u32>) -> result<u64, string>;\n"
  "  sum: func(a: u64, b: u64, c: u64, d: u64, e: u64, f: u64, g: u64, h: u64, i: u64,\n"
  "            j: u64, k: u64, l: u64, m: u64, n: u64, o: u64, p: u64, q: u64) -> u64;\n"
  "  crowd: func(nameless: u32) -> tuple<counter, string, list<counter>>;\n"
  "  live: func() -> u64;\n"
  "  wait: func(time: u32, bytes: list<u8>) -> list<u8>;\n"
  "  refuse: func();\n"
  "  garbage: func(what: u32) -> string;\n"
  "  bad-bool: func(what: u32) -> bool;\n"
  "}\n"
  "world every { export things; export greeting: func(name: string) -> string; }\n";

static const c12_key keys[] = {
  {sizeof(c12_key), "greeting", "How to greet", "hello", C12_TEXT, 0},
  {sizeof(c12_key), "refuse", "Whether to refuse to open", "false", C12_BOOLEAN, 0},
};

static char *chosen;

static c12_status open(c12_call *call, const c12_settings *settings, void **plugin) {
  for (size_t i = 0; i < settings->count; i++) {
    c12_string key = settings->settings[i].key, value = settings->settings[i].value;
    if (key.len == 6 && !memcmp(key.data, "refuse", 6) && !memcmp(value.data, "true", 4))
      return fail(call, "it was told to refuse");
    if (key.len == 8 && !memcmp(key.data, "greeting", 8)) {
      chosen = calloc(1, value.len + 1);
      memcpy(chosen, value.data, value.len);
    }
  }
  *plugin = chosen;
  return C12_OK;
}

static void close_plugin(void *plugin) { free(plugin); }

static c12_status instantiate(c12_call *call, void *plugin, void **made) {
  (void)call, (void)plugin;
  *made = calloc(1, sizeof(instance));
  return C12_OK;
}

static void drop_instance(void *made) {
  if (((instance *)made)->live) {
    const char *message = "an instance ended before its resources";
    host->log("every", C12_LOG_ERROR, message, strlen(message));
    abort();
  }
  note("ended with", (uint32_t)((instance *)made)->live);
  free(made);
}

static c12_status greeting(c12_call *call, void *self, const void *arguments, void *results) {
  const c12_string *name = arguments;
  size_t size = strlen(chosen) + 1 + name->len;
  (void)self;
  char *words = host->alloc(call, size, 1);
  if (!words) return C12_TRAP;
  memcpy(words, chosen, strlen(chosen));
  words[strlen(chosen)] = ' ';
  memcpy(words + strlen(chosen) + 1, name->data, name->len);
  *(c12_string *)results = (c12_string){words, size};
  return C12_OK;
}

#ifndef DESCRIBE
#define DESCRIBE
#endif

static c12_plugin_description description = {
  .size = sizeof(c12_plugin_description),
  .abi = C12_PLUGIN_ABI,
  .name = "every",
  .version = "1.2.3",
  .description = "Every kind of value",
  .wit = wit,
  .exports = exports,
  .export_count = sizeof exports / sizeof *exports,
  .keys = keys,
  .key_count = sizeof keys / sizeof *keys,
  .open = open,
  .close = close_plugin,
  .instantiate = instantiate,
  .drop_instance = drop_instance,
};

const c12_plugin_description *c12_plugin(const c12_host *given) {
  host = given;
  /* The tests break the description in one place each. */
  DESCRIBE;
  return &description;
}
