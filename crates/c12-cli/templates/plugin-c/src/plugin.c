/* A plugin for C12 in C. What it provides is in wit/plugin.wit; include/plugin.h is made from it by `make`. */

/* What one instance of a guest has. */
typedef struct greeter greeter;
#define C12_INSTANCE greeter
#include "plugin.h"

struct greeter {
  const char *greeting;
  uint64_t greeted;
};

/* C12_OK, or what `c12_fail` returns: then the guest's call traps with the message. */
c12_status example_{{snake}}_greeter_greet(c12_call *call, greeter *self, c12_string name, c12_string *result) {
  /* The name is the guest's own memory: it has a length, and no zero at its end. */
  size_t len = strlen(self->greeting) + strlen(", !") + name.len;
  /* Memory for the answer, which c12 frees. */
  char *text = c12_alloc(call, len + 1, 1);
  if (text == NULL) {
    return C12_TRAP;
  }
  size_t start = (size_t)sprintf(text, "%s, ", self->greeting);
  if (name.len > 0) {
    memcpy(text + start, name.data, name.len);
  }
  text[len - 1] = '!';
  result->data = text;
  result->len = len;
  self->greeted++;
  return C12_OK;
}

/* Called once: what all instances share. */
static c12_status open_plugin(c12_call *call, const c12_settings *settings, void **plugin) {
  char *greeting = c12_string_dup(*c12_setting_of(settings, "greeting"));
  if (greeting == NULL) {
    return c12_fail(call, "there is no memory");
  }
  *plugin = greeting;
  return C12_OK;
}

static void close_plugin(void *plugin) { free(plugin); }

/* Called for every instance of a guest, from any thread. */
static c12_status instantiate(c12_call *call, void *plugin, void **instance) {
  greeter *made = calloc(1, sizeof *made);
  if (made == NULL) {
    return c12_fail(call, "there is no memory");
  }
  made->greeting = plugin;
  *instance = made;
  return C12_OK;
}

static void drop_instance(void *instance) {
  greeter *self = instance;
  c12_log(C12_LOG_DEBUG, "greeted %llu times", (unsigned long long)self->greeted);
  free(self);
}

static const c12_key keys[] = {
    C12_KEY(C12_TEXT, "greeting", "Hello", "What comes before the name"),
};

C12_PLUGIN_DEFINE(PLUGIN_WORLD,
                  .name = "{{name}}",
                  .version = "0.1.0",
                  .description = "Greets",
                  .open = open_plugin,
                  .close = close_plugin,
                  .instantiate = instantiate,
                  .drop_instance = drop_instance,
                  C12_KEYS(keys));
