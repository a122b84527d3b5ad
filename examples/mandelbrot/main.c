// The Mandelbrot set in letters. For each point c: how often can z = z*z + c be repeated before z escapes?
// WebAssembly's floating-point arithmetic gives the same bits everywhere, so the picture is the same everywhere.
#include <olin.h>

enum { COLUMNS = 78, ROWS = 31 };

// From far outside to close to the set, one letter per doubling of the iterations. The set itself is @.
static const char SHADES[] = " .:-=+*o%#&$";

static int repeat(double x, double y, int limit) {
  double a = 0, b = 0;
  int count = 0;
  // Beyond a distance of 2 from the origin, z never returns.
  while (count < limit && a * a + b * b <= 4) {
    double next = a * a - b * b + x;
    b = 2 * a * b + y;
    a = next;
    count++;
  }
  return count;
}

void _start(void) {
  // More iterations show finer detail and cost more gas: compare the bills.
  int limit = read_number(argument(1), 100, 1, 2000);

  for (int row = 0; row < ROWS; row++) {
    char line[COLUMNS + 1];
    for (int column = 0; column < COLUMNS; column++) {
      double x = -2.1 + 3.0 * column / (COLUMNS - 1);
      double y = -1.2 + 2.4 * row / (ROWS - 1);
      int count = repeat(x, y, limit);
      int doublings = count == 0 ? 0 : 31 - __builtin_clz((unsigned)count);
      line[column] = count == limit ? '@' : SHADES[doublings];
    }
    line[COLUMNS] = '\n';
    write_all(standard_output(), line, sizeof line);
  }
}
