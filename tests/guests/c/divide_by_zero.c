// build: -g -O1
// Divides by zero three calls deep. WebAssembly traps; the backtrace names functions, files and lines.

#include <stdio.h>
#include <stdlib.h>

__attribute__((noinline)) static int divide(int dividend, int divisor) {
    return dividend / divisor; /* the trap: line 8 */
}

__attribute__((noinline)) static int average(int sum, int count) {
    return divide(sum, count) + 1; /* line 12 */
}

int main(int argc, char **argv) {
    int count = argc > 1 ? atoi(argv[1]) : 0;
    printf("before\n");
    fflush(stdout);
    printf("average: %d\n", average(100, count)); /* line 19 */
    return 0;
}
