// build: -g -O1
// Aborts, as a failed assertion does: a trap with source lines.

#include <stdio.h>

__attribute__((noinline)) static void give_up(const char *why) {
    fprintf(stderr, "giving up: %s\n", why);
    __builtin_trap(); /* the trap: line 8 */
}

int main(void) {
    give_up("there is nothing to do"); /* line 12 */
    return 0;
}
