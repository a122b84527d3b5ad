// BLAKE2b (RFC 7693) of a buffer of 64 KiB, `n` times; each digest is mixed into the buffer.
#include "kernel.h"

typedef struct {
  u64 h[8];
  u64 t;
  u8 block[128];
  u32 filled;
} State;

static const u64 IV[8] = {
    0x6a09e667f3bcc908ull, 0xbb67ae8584caa73bull, 0x3c6ef372fe94f82bull, 0xa54ff53a5f1d36f1ull,
    0x510e527fade682d1ull, 0x9b05688c2b3e6c1full, 0x1f83d9abfb41bd6bull, 0x5be0cd19137e2179ull,
};

static const u8 SIGMA[12][16] = {
    {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15},
    {14, 10, 4, 8, 9, 15, 13, 6, 1, 12, 0, 2, 11, 7, 5, 3},
    {11, 8, 12, 0, 5, 2, 15, 13, 10, 14, 3, 6, 7, 1, 9, 4},
    {7, 9, 3, 1, 13, 12, 11, 14, 2, 6, 5, 10, 4, 0, 15, 8},
    {9, 0, 5, 7, 2, 4, 10, 15, 14, 1, 11, 12, 6, 8, 3, 13},
    {2, 12, 6, 10, 0, 11, 8, 3, 4, 13, 7, 5, 15, 14, 1, 9},
    {12, 5, 1, 15, 14, 13, 4, 10, 0, 7, 6, 3, 9, 2, 8, 11},
    {13, 11, 7, 14, 12, 1, 3, 9, 5, 0, 15, 4, 8, 6, 2, 10},
    {6, 15, 14, 9, 11, 3, 0, 8, 12, 2, 13, 7, 1, 4, 10, 5},
    {10, 2, 8, 4, 7, 6, 1, 5, 15, 11, 9, 14, 3, 12, 13, 0},
    {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15},
    {14, 10, 4, 8, 9, 15, 13, 6, 1, 12, 0, 2, 11, 7, 5, 3},
};

static u64 rotate(u64 x, int by) { return (x >> by) | (x << (64 - by)); }

static inline void mix(u64 *v, int a, int b, int c, int d, u64 x, u64 y) {
  v[a] += v[b] + x;
  v[d] = rotate(v[d] ^ v[a], 32);
  v[c] += v[d];
  v[b] = rotate(v[b] ^ v[c], 24);
  v[a] += v[b] + y;
  v[d] = rotate(v[d] ^ v[a], 16);
  v[c] += v[d];
  v[b] = rotate(v[b] ^ v[c], 63);
}

static void compress(State *state, int last) {
  u64 v[16], m[16];
  for (int i = 0; i < 8; i++) {
    v[i] = state->h[i];
    v[i + 8] = IV[i];
  }
  v[12] ^= state->t;
  if (last) v[14] = ~v[14];
  for (int i = 0; i < 16; i++) m[i] = ((const u64 *)state->block)[i];
  for (int round = 0; round < 12; round++) {
    const u8 *s = SIGMA[round];
    mix(v, 0, 4, 8, 12, m[s[0]], m[s[1]]);
    mix(v, 1, 5, 9, 13, m[s[2]], m[s[3]]);
    mix(v, 2, 6, 10, 14, m[s[4]], m[s[5]]);
    mix(v, 3, 7, 11, 15, m[s[6]], m[s[7]]);
    mix(v, 0, 5, 10, 15, m[s[8]], m[s[9]]);
    mix(v, 1, 6, 11, 12, m[s[10]], m[s[11]]);
    mix(v, 2, 7, 8, 13, m[s[12]], m[s[13]]);
    mix(v, 3, 4, 9, 14, m[s[14]], m[s[15]]);
  }
  for (int i = 0; i < 8; i++) state->h[i] ^= v[i] ^ v[i + 8];
}

static void update(State *state, const u8 *bytes, u32 length) {
  for (u32 i = 0; i < length; i++) {
    if (state->filled == 128) {
      state->t += 128;
      compress(state, 0);
      state->filled = 0;
    }
    state->block[state->filled++] = bytes[i];
  }
}

static void finish(State *state) {
  state->t += state->filled;
  while (state->filled < 128) state->block[state->filled++] = 0;
  compress(state, 1);
}

static u8 buffer[65536];

EXPORT u32 run(u32 n) {
  u32 seed = 1;
  for (u32 i = 0; i < sizeof buffer; i++) buffer[i] = (u8)next_random(&seed);
  State state;
  for (u32 times = 0; times < n; times++) {
    for (int i = 0; i < 8; i++) state.h[i] = IV[i];
    state.h[0] ^= 0x01010040;
    state.t = 0;
    state.filled = 0;
    update(&state, buffer, sizeof buffer);
    finish(&state);
    for (int i = 0; i < 8; i++) ((u64 *)buffer)[i] ^= state.h[i];
  }
  return (u32)state.h[0];
}
