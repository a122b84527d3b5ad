// Doubly recursive Fibonacci: nothing but calls and branches.
#include "kernel.h"

static __attribute__((noinline)) unsigned fib(unsigned n) {
  return n < 2 ? n : fib(n - 1) + fib(n - 2);
}

EXPORT unsigned run(unsigned n) { return fib(n); }
