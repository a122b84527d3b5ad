// Takes memory until the host gives no more. The limit is the policy's `ram-page-limit`, in pages of 64 KiB:
// growth past it fails inside the program, which can go on with what it has.
#include <olin.h>

enum { STEP = 8 /* pages */, PAGE_KIB = 64 };

void _start(void) {
  size_t pages = __builtin_wasm_memory_size(0);
  print("started with %d pages\n", (int)pages);

  // memory.grow answers with the old size, or with -1 where the host refuses.
  while (__builtin_wasm_memory_grow(0, STEP) != (size_t)-1) {
    pages += STEP;
    // Memory counts when it is there, but write to it all the same: a hog uses what it takes.
    *(volatile char *)((pages << 16) - 1) = 1;
  }

  print("refused at %d pages + %d\n", (int)pages, STEP);
  log_line(LOG_WARNING, "no more memory after %d KiB", (int)pages * PAGE_KIB);
}
