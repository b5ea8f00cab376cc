// Prints each argument turned around, and its MD5.

#include <stdint.h>
#include <stdio.h>
#include <string.h>

#define IMPORT(name) __attribute__((import_module("text_tools"), import_name(#name)))

IMPORT(reverse) void reverse(char *text, size_t length);
IMPORT(md5) void md5(const char *text, size_t length, char *digits);
IMPORT(calls) int32_t calls(void);

int main(int count, char **arguments) {
  for (int i = 1; i < count; i++) {
    char digits[33] = "";
    md5(arguments[i], strlen(arguments[i]), digits);
    reverse(arguments[i], strlen(arguments[i]));
    printf("%s %s\n", arguments[i], digits);
  }
  printf("%d calls\n", (int)calls());
  return 0;
}
