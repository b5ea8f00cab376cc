/* Every kind of result that needs memory, in C. */
typedef struct tools tools;
#define C12_INSTANCE tools
#include "world.h"

#include <ctype.h>

/* What all instances share. */
typedef struct shared {
  char *suffix;
} shared;

struct tools {
  const shared *of;
  int builders;
};

struct example_text_tools_builder_t {
  char *text;
  size_t len;
};

c12_status example_text_tools_reverse(c12_call *call, tools *instance, c12_string text, c12_string *result) {
  const char *suffix = instance->of->suffix;
  size_t extra = strlen(suffix);
  char *reversed = c12_alloc(call, text.len + extra, 1);
  if (reversed == NULL) {
    return C12_TRAP;
  }
  for (size_t i = 0; i < text.len; i++) {
    if ((unsigned char)text.data[i] > 127) {
      return c12_fail(call, "byte %zu is not ASCII", i);
    }
    reversed[text.len - 1 - i] = text.data[i];
  }
  memcpy(reversed + text.len, suffix, extra);
  result->data = reversed;
  result->len = text.len + extra;
  return C12_OK;
}

/* No digest at all, but sixteen bytes of memory of its own. */
c12_status example_text_tools_md5(c12_call *call, tools *instance, c12_list_u8_t data, c12_list_u8_t *result) {
  (void)instance;
  uint8_t *digest = calloc(16, 1);
  if (digest == NULL) {
    return C12_TRAP;
  }
  c12_free_later(call, digest);
  for (size_t i = 0; i < data.len; i++) {
    digest[i % 16] ^= data.data[i];
  }
  result->data = digest;
  result->len = 16;
  return C12_OK;
}

c12_status example_text_tools_count(c12_call *call, tools *instance, c12_string text,
                                    example_text_tools_order_t by, const c12_option_u32_t *most,
                                    example_text_tools_result_list_word_count_problem_t *result) {
  (void)instance;
  if (by != EXAMPLE_TEXT_TOOLS_ORDER_COUNT) {
    return c12_fail(call, "there is no order but by count");
  }
  size_t words = 0;
  for (size_t i = 0; i < text.len; i++) {
    words += !isspace((unsigned char)text.data[i]) && (i == 0 || isspace((unsigned char)text.data[i - 1]));
  }
  if (words == 0) {
    result->is_err = 1;
    result->err.tag = EXAMPLE_TEXT_TOOLS_PROBLEM_NO_WORDS;
    return C12_OK;
  }
  example_text_tools_word_count_t *counts = c12_alloc(call, words, sizeof *counts);
  if (counts == NULL) {
    return C12_TRAP;
  }
  size_t found = 0;
  for (size_t start = 0; start < text.len;) {
    size_t end = start;
    while (end < text.len && !isspace((unsigned char)text.data[end])) {
      end++;
    }
    if (end - start > 10) {
      result->is_err = 1;
      result->err.tag = EXAMPLE_TEXT_TOOLS_PROBLEM_TOO_LONG;
      result->err.too_long = (uint32_t)(end - start);
      return C12_OK;
    }
    if (end > start && !(most->is_some && found == most->value)) {
      if (c12_copy_text(call, text.data + start, end - start, &counts[found].word) != C12_OK) {
        return C12_TRAP;
      }
      counts[found++].count = 1;
    }
    start = end + 1;
  }
  result->ok.data = counts;
  result->ok.len = found;
  return C12_OK;
}

c12_status example_text_tools_builder_constructor(c12_call *call, tools *instance, c12_string start,
                                                  example_text_tools_builder_t **result) {
  example_text_tools_builder_t *builder = malloc(sizeof *builder);
  if (builder == NULL || (builder->text = c12_string_dup(start)) == NULL) {
    free(builder);
    return c12_fail(call, "there is no memory");
  }
  builder->len = start.len;
  instance->builders++;
  *result = builder;
  return C12_OK;
}

c12_status example_text_tools_builder_append(c12_call *call, tools *instance, example_text_tools_builder_t *self,
                                             c12_string text) {
  (void)instance;
  char *longer = realloc(self->text, self->len + text.len + 1);
  if (longer == NULL) {
    return c12_fail(call, "there is no memory");
  }
  memcpy(longer + self->len, text.data, text.len);
  self->text = longer;
  self->len += text.len;
  return C12_OK;
}

c12_status example_text_tools_builder_drop(c12_call *call, tools *instance, example_text_tools_builder_t *self) {
  (void)call;
  instance->builders--;
  free(self->text);
  free(self);
  return C12_OK;
}

c12_status example_text_tools_builder_finish(c12_call *call, tools *instance, example_text_tools_builder_t *this_,
                                             c12_string *result) {
  c12_status status = c12_copy_text(call, this_->text, this_->len, result);
  example_text_tools_builder_drop(call, instance, this_);
  return status;
}

static c12_status open_tools(c12_call *call, const c12_settings *settings, void **plugin) {
  const c12_string *suffix = c12_setting_of(settings, "suffix");
  shared *made = malloc(sizeof *made);
  if (made == NULL || (made->suffix = c12_string_dup(*suffix)) == NULL) {
    free(made);
    return c12_fail(call, "there is no memory");
  }
  c12_log(C12_LOG_INFO, "opened with %s", made->suffix);
  *plugin = made;
  return C12_OK;
}

static void close_tools(void *plugin) {
  free(((shared *)plugin)->suffix);
  free(plugin);
}

static c12_status instantiate(c12_call *call, void *plugin, void **instance) {
  tools *made = calloc(1, sizeof *made);
  if (made == NULL) {
    return c12_fail(call, "there is no memory");
  }
  made->of = plugin;
  *instance = made;
  return C12_OK;
}

static void drop_instance(void *instance) {
  tools *made = instance;
  if (made->builders != 0) {
    c12_log(C12_LOG_ERROR, "%d builders are left", made->builders);
  }
  free(made);
}

static const c12_key keys[] = {
    C12_KEY(C12_TEXT, "suffix", "", "What to put behind"),
};

C12_PLUGIN_DEFINE(TEXT_TOOLS_WORLD,
                  .name = "text-tools",
                  .version = "1.2.3",
                  .description = "Text in C",
                  .open = open_tools,
                  .close = close_tools,
                  .instantiate = instantiate,
                  .drop_instance = drop_instance,
                  C12_KEYS(keys));
