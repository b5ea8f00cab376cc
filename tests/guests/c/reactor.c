// build: -O1 -mexec-model=reactor -Wl,--export=next
// A WASI 0.1 reactor as a C compiler makes it: `_initialize` runs the constructors, then functions may be called.

static int count = -1;

__attribute__((constructor)) static void start(void) {
    count = 100;
}

/* 101 at the first call; 0 where `_initialize` was forgotten. */
int next(void) {
    return ++count;
}
