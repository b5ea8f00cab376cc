// build: -g -O1
// Reads far outside its memory: a trap with source lines. The offset is hidden from the compiler.

#include <stdint.h>
#include <stdio.h>

__attribute__((noinline)) static int peek(volatile const int *where) {
    return *where; /* the trap: line 8 */
}

int main(void) {
    volatile uintptr_t far = 0xfffffff0u;
    printf("before\n");
    fflush(stdout);
    printf("%d\n", peek((volatile const int *)far)); /* line 15 */
    return 0;
}
