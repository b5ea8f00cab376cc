// How the plugin `transcript` writes down what it sees.

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <wasmedge/wasmedge.h>

static char text[1 << 16];
static size_t used;

static void say(const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  int written = vsnprintf(text + used, sizeof text - used, format, arguments);
  va_end(arguments);
  if (written > 0 && used + (size_t)written + 1 < sizeof text) {
    used += (size_t)written;
    text[used++] = '\n';
  }
}

static const char *yes(bool it_is) { return it_is ? "yes" : "no"; }
static WasmEdge_String wrap(const char *name) { return WasmEdge_StringWrap(name, (uint32_t)strlen(name)); }

static void say_type(const char *what, WasmEdge_ValType type) {
  // Byte 0 has no meaning.
  const uint8_t *data = type.Data;
  say("%s: %02x %02x %02x %02x%02x%02x%02x", what, data[1], data[2], data[3], data[4], data[5], data[6], data[7]);
}

static void say_result(const char *what, WasmEdge_Result result) {
  say("%s: %08x %s '%s'", what, result.Code, yes(WasmEdge_ResultOK(result)), WasmEdge_ResultGetMessage(result));
}

static void say_limit(const char *what, WasmEdge_Limit limit) {
  say("%s: max %s, shared %s, %u to %u", what, yes(limit.HasMax), yes(limit.Shared), limit.Min, limit.Max);
}

#define FUNCTION(name)                                                                                                 \
  static WasmEdge_Result name(void *data, const WasmEdge_CallingFrameContext *frame, const WasmEdge_Value *in,         \
                              WasmEdge_Value *out)
#define UNUSED (void)data, (void)frame, (void)in, (void)out
