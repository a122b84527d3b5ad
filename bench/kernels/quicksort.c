// Quicksort of `n` numbers: loads, stores, unpredictable branches, recursion.
#include "kernel.h"

#define MAX (1 << 20)
static u32 numbers[MAX];

static void sort(u32 *low, u32 *high) {
  while (low < high) {
    u32 pivot = low[(high - low) / 2];
    u32 *left = low, *right = high;
    while (left <= right) {
      while (*left < pivot) left++;
      while (*right > pivot) right--;
      if (left <= right) {
        u32 swapped = *left;
        *left++ = *right;
        *right-- = swapped;
      }
    }
    if (right - low < high - left) {
      sort(low, right);
      low = left;
    } else {
      sort(left, high);
      high = right;
    }
  }
}

EXPORT u32 run(u32 n) {
  if (n > MAX) n = MAX;
  u32 seed = 1;
  for (u32 i = 0; i < n; i++) numbers[i] = next_random(&seed);
  if (n > 1) sort(numbers, numbers + n - 1);
  u32 sum = 0;
  for (u32 i = 1; i < n; i++) {
    if (numbers[i - 1] > numbers[i]) return 0;
    sum = sum * 31 + numbers[i];
  }
  return sum;
}
