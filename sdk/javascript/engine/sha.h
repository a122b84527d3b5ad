// SHA-1, SHA-256, SHA-384 and SHA-512 (FIPS 180-4), for crypto.subtle.digest.
#pragma once
#include <stdint.h>
#include <string.h>

static inline uint32_t rotate32(uint32_t x, int n) { return x >> n | x << (32 - n); }
static inline uint64_t rotate64(uint64_t x, int n) { return x >> n | x << (64 - n); }

// The fractional parts of the cube roots of the first 80 primes. SHA-256 uses the upper halves of the first 64.
static const uint64_t ROUNDS[80] = {
    0x428a2f98d728ae22, 0x7137449123ef65cd, 0xb5c0fbcfec4d3b2f, 0xe9b5dba58189dbbc,
    0x3956c25bf348b538, 0x59f111f1b605d019, 0x923f82a4af194f9b, 0xab1c5ed5da6d8118,
    0xd807aa98a3030242, 0x12835b0145706fbe, 0x243185be4ee4b28c, 0x550c7dc3d5ffb4e2,
    0x72be5d74f27b896f, 0x80deb1fe3b1696b1, 0x9bdc06a725c71235, 0xc19bf174cf692694,
    0xe49b69c19ef14ad2, 0xefbe4786384f25e3, 0x0fc19dc68b8cd5b5, 0x240ca1cc77ac9c65,
    0x2de92c6f592b0275, 0x4a7484aa6ea6e483, 0x5cb0a9dcbd41fbd4, 0x76f988da831153b5,
    0x983e5152ee66dfab, 0xa831c66d2db43210, 0xb00327c898fb213f, 0xbf597fc7beef0ee4,
    0xc6e00bf33da88fc2, 0xd5a79147930aa725, 0x06ca6351e003826f, 0x142929670a0e6e70,
    0x27b70a8546d22ffc, 0x2e1b21385c26c926, 0x4d2c6dfc5ac42aed, 0x53380d139d95b3df,
    0x650a73548baf63de, 0x766a0abb3c77b2a8, 0x81c2c92e47edaee6, 0x92722c851482353b,
    0xa2bfe8a14cf10364, 0xa81a664bbc423001, 0xc24b8b70d0f89791, 0xc76c51a30654be30,
    0xd192e819d6ef5218, 0xd69906245565a910, 0xf40e35855771202a, 0x106aa07032bbd1b8,
    0x19a4c116b8d2d0c8, 0x1e376c085141ab53, 0x2748774cdf8eeb99, 0x34b0bcb5e19b48a8,
    0x391c0cb3c5c95a63, 0x4ed8aa4ae3418acb, 0x5b9cca4f7763e373, 0x682e6ff3d6b2b8a3,
    0x748f82ee5defb2fc, 0x78a5636f43172f60, 0x84c87814a1f0ab72, 0x8cc702081a6439ec,
    0x90befffa23631e28, 0xa4506cebde82bde9, 0xbef9a3f7b2c67915, 0xc67178f2e372532b,
    0xca273eceea26619c, 0xd186b8c721c0c207, 0xeada7dd6cde0eb1e, 0xf57d4f7fee6ed178,
    0x06f067aa72176fba, 0x0a637dc5a2c898a6, 0x113f9804bef90dae, 0x1b710b35131c471b,
    0x28db77f523047d84, 0x32caab7b40c72493, 0x3c9ebe0a15c9bebc, 0x431d67c49c100d4c,
    0x4cc5d4becb3e42b6, 0x597f299cfc657e2a, 0x5fcb6fab3ad6faec, 0x6c44198c4a475817,
};

static void block1(uint64_t *state, const uint8_t *bytes) {
  uint32_t w[80], a = state[0], b = state[1], c = state[2], d = state[3], e = state[4];
  for (int i = 0; i < 16; i++, bytes += 4) {
    w[i] = (uint32_t)bytes[0] << 24 | bytes[1] << 16 | bytes[2] << 8 | bytes[3];
  }
  for (int i = 16; i < 80; i++) w[i] = rotate32(w[i - 3] ^ w[i - 8] ^ w[i - 14] ^ w[i - 16], 31);
  for (int i = 0; i < 80; i++) {
    uint32_t f = i < 20   ? (b & c) | (~b & d)
                 : i < 40 ? b ^ c ^ d
                 : i < 60 ? (b & c) | (b & d) | (c & d)
                          : b ^ c ^ d;
    uint32_t k = i < 20 ? 0x5a827999 : i < 40 ? 0x6ed9eba1 : i < 60 ? 0x8f1bbcdc : 0xca62c1d6;
    uint32_t next = rotate32(a, 27) + f + e + k + w[i];
    e = d, d = c, c = rotate32(b, 2), b = a, a = next;
  }
  uint32_t sums[5] = {a, b, c, d, e};
  for (int i = 0; i < 5; i++) state[i] = (uint32_t)(state[i] + sums[i]);
}

static void block256(uint64_t *state, const uint8_t *bytes) {
  uint32_t w[64], s[8];
  for (int i = 0; i < 8; i++) s[i] = (uint32_t)state[i];
  for (int i = 0; i < 16; i++, bytes += 4) {
    w[i] = (uint32_t)bytes[0] << 24 | bytes[1] << 16 | bytes[2] << 8 | bytes[3];
  }
  for (int i = 16; i < 64; i++) {
    uint32_t x = w[i - 15], y = w[i - 2];
    w[i] = w[i - 16] + w[i - 7] + (rotate32(x, 7) ^ rotate32(x, 18) ^ x >> 3) +
           (rotate32(y, 17) ^ rotate32(y, 19) ^ y >> 10);
  }
  for (int i = 0; i < 64; i++) {
    uint32_t a = s[0], e = s[4];
    uint32_t one = s[7] + (rotate32(e, 6) ^ rotate32(e, 11) ^ rotate32(e, 25)) + ((e & s[5]) ^ (~e & s[6])) +
                   (uint32_t)(ROUNDS[i] >> 32) + w[i];
    uint32_t two = (rotate32(a, 2) ^ rotate32(a, 13) ^ rotate32(a, 22)) + ((a & s[1]) ^ (a & s[2]) ^ (s[1] & s[2]));
    memmove(s + 1, s, 7 * sizeof *s);
    s[4] += one;
    s[0] = one + two;
  }
  for (int i = 0; i < 8; i++) state[i] = (uint32_t)(state[i] + s[i]);
}

static void block512(uint64_t *state, const uint8_t *bytes) {
  uint64_t w[80], s[8];
  memcpy(s, state, sizeof s);
  for (int i = 0; i < 16; i++) {
    w[i] = 0;
    for (int j = 0; j < 8; j++) w[i] = w[i] << 8 | *bytes++;
  }
  for (int i = 16; i < 80; i++) {
    uint64_t x = w[i - 15], y = w[i - 2];
    w[i] = w[i - 16] + w[i - 7] + (rotate64(x, 1) ^ rotate64(x, 8) ^ x >> 7) +
           (rotate64(y, 19) ^ rotate64(y, 61) ^ y >> 6);
  }
  for (int i = 0; i < 80; i++) {
    uint64_t a = s[0], e = s[4];
    uint64_t one = s[7] + (rotate64(e, 14) ^ rotate64(e, 18) ^ rotate64(e, 41)) + ((e & s[5]) ^ (~e & s[6])) +
                   ROUNDS[i] + w[i];
    uint64_t two = (rotate64(a, 28) ^ rotate64(a, 34) ^ rotate64(a, 39)) + ((a & s[1]) ^ (a & s[2]) ^ (s[1] & s[2]));
    memmove(s + 1, s, 7 * sizeof *s);
    s[4] += one;
    s[0] = one + two;
  }
  for (int i = 0; i < 8; i++) state[i] += s[i];
}

struct sha {
  int bits;
  int digest_bytes, block_bytes, word_bytes;
  void (*block)(uint64_t *state, const uint8_t *bytes);
  uint64_t start[8];
};

static const struct sha SHA[] = {
    {1, 20, 64, 4, block1, {0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0}},
    {256, 32, 64, 4, block256,
     {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19}},
    {384, 48, 128, 8, block512,
     {0xcbbb9d5dc1059ed8, 0x629a292a367cd507, 0x9159015a3070dd17, 0x152fecd8f70e5939, 0x67332667ffc00b31,
      0x8eb44a8768581511, 0xdb0c2e0d64f98fa7, 0x47b5481dbefa4fa4}},
    {512, 64, 128, 8, block512,
     {0x6a09e667f3bcc908, 0xbb67ae8584caa73b, 0x3c6ef372fe94f82b, 0xa54ff53a5f1d36f1, 0x510e527fade682d1,
      0x9b05688c2b3e6c1f, 0x1f83d9abfb41bd6b, 0x5be0cd19137e2179}},
};

// Writes the digest, of `digest_bytes` bytes.
static void sha_digest(const struct sha *kind, const uint8_t *bytes, size_t length, uint8_t *digest) {
  uint64_t state[8];
  memcpy(state, kind->start, sizeof state);
  size_t size = (size_t)kind->block_bytes, left = length;
  for (; left >= size; left -= size, bytes += size) kind->block(state, bytes);
  uint8_t last[256] = {0};
  memcpy(last, bytes, left);
  last[left] = 0x80;
  size_t total = left + 1 + 2 * (size_t)kind->word_bytes <= size ? size : 2 * size;
  for (int i = 0; i < 8; i++) last[total - 1 - (size_t)i] = (uint8_t)((uint64_t)length * 8 >> 8 * i);
  for (size_t at = 0; at < total; at += size) kind->block(state, last + at);
  for (int i = 0; i < kind->digest_bytes; i++) {
    int word = i / kind->word_bytes, place = kind->word_bytes - 1 - i % kind->word_bytes;
    digest[i] = (uint8_t)(state[word] >> 8 * place);
  }
}
