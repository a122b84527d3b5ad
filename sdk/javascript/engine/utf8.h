// Decodes UTF-8 as defined by the Encoding Standard: each maximal part of an ill-formed sequence becomes U+FFFD.
#pragma once
#include <stdint.h>
#include <stddef.h>

// Returns the length of the code point at `bytes`; if negative, the number of ill-formed bytes to replace.
static int utf8_step(const uint8_t *bytes, size_t left) {
  uint8_t first = bytes[0], low = 0x80, high = 0xbf;
  int more;
  if (first < 0x80) return 1;
  if (first >= 0xc2 && first <= 0xdf) more = 1;
  else if (first >= 0xe0 && first <= 0xef) {
    more = 2;
    if (first == 0xe0) low = 0xa0;
    if (first == 0xed) high = 0x9f;
  } else if (first >= 0xf0 && first <= 0xf4) {
    more = 3;
    if (first == 0xf0) low = 0x90;
    if (first == 0xf4) high = 0x8f;
  } else return -1;
  for (int i = 1; i <= more; i++) {
    if ((size_t)i >= left || bytes[i] < low || bytes[i] > high) return -i;
    low = 0x80, high = 0xbf;
  }
  return more + 1;
}

// Returns the length of the well-formed text at the start.
static size_t utf8_valid(const uint8_t *bytes, size_t length) {
  size_t at = 0;
  while (at < length) {
    int step = utf8_step(bytes + at, length - at);
    if (step < 0) break;
    at += (size_t)step;
  }
  return at;
}
