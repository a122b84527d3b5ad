// Allocates memory until the host refuses. The limit is the policy's `ram-page-limit`, in pages of 64 KiB:
// growing past it fails, and the program can continue with the memory it has.
#include <olin.h>

enum { STEP = 8 /* pages */, PAGE_KIB = 64 };

void _start(void) {
  size_t pages = __builtin_wasm_memory_size(0);
  print("started with %d pages\n", (int)pages);

  // memory.grow returns the old size, or -1 if the host refuses.
  while (__builtin_wasm_memory_grow(0, STEP) != (size_t)-1) {
    pages += STEP;
    // Memory counts as soon as it is allocated. Write to it anyway, so that it is really used.
    *(volatile char *)((pages << 16) - 1) = 1;
  }

  print("refused at %d pages + %d\n", (int)pages, STEP);
  log_line(LOG_WARNING, "no more memory after %d KiB", (int)pages * PAGE_KIB);
}
