// The Mandelbrot set on a grid of `n` by `n` points: floating-point arithmetic in a short loop.
#include "kernel.h"

EXPORT u32 run(u32 n) {
  u32 sum = 0;
  for (u32 row = 0; row < n; row++) {
    for (u32 column = 0; column < n; column++) {
      double cr = 3.0 * column / n - 2.0, ci = 2.0 * row / n - 1.0;
      double zr = 0, zi = 0;
      u32 steps = 0;
      while (steps < 256 && zr * zr + zi * zi < 4.0) {
        double next = zr * zr - zi * zi + cr;
        zi = 2 * zr * zi + ci;
        zr = next;
        steps++;
      }
      sum = sum * 31 + steps;
    }
  }
  return sum;
}
