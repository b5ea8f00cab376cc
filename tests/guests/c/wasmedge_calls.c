// Measures calls of the example plugin for WasmEdge: `wasmedge_calls BATCHES CALLS` prints, for each function, its name
// and how many nanoseconds a call takes in the best batch.

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define IMPORT(name) __attribute__((import_module("text_tools"), import_name(#name)))

IMPORT(reverse) void reverse(char *text, size_t length);
IMPORT(md5) void md5(const char *text, size_t length, char *digits);
IMPORT(calls) int32_t calls(void);

static char text[] = "A hundred bytes of text, more or less, as a guest would have them turned around or hashed by the host.";
static char digits[33];

static void call_calls(void) { calls(); }
static void call_reverse(void) { reverse(text, sizeof text - 1); }
static void call_md5(void) { md5(text, sizeof text - 1, digits); }

static double nanoseconds(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec * 1e9 + now.tv_nsec;
}

static void measure(const char *name, void (*call)(void), int batches, int count) {
  double best = 1e18;
  for (int batch = 0; batch < batches; batch++) {
    double start = nanoseconds();
    for (int i = 0; i < count; i++)
      call();
    double took = (nanoseconds() - start) / count;
    if (took < best)
      best = took;
  }
  printf("%s %.2f\n", name, best);
}

int main(int count, char **arguments) {
  if (count != 3)
    return 2;
  int batches = atoi(arguments[1]), number = atoi(arguments[2]);
  measure("calls", call_calls, batches, number);
  measure("reverse", call_reverse, batches, number);
  measure("md5", call_md5, batches, number);
  // What was turned around is as it was, or the other way round.
  return strstr(text, "hundred") || strstr(text, "derdnuh") ? 0 : 1;
}
