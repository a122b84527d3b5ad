// Shared by all kernels, which use no library. Each exports one function, `run(size) -> checksum`.
#pragma once

#define EXPORT __attribute__((visibility("default"), export_name("run")))

typedef unsigned char u8;
typedef unsigned int u32;
typedef unsigned long long u64;

// A fixed sequence of numbers, so that every run sees the same data.
static inline u32 next_random(u32 *state) {
  u32 x = *state;
  x ^= x << 13;
  x ^= x >> 17;
  x ^= x << 5;
  return *state = x;
}
