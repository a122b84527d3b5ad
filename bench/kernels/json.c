// Scans a JSON document that it writes first: byte by byte, with many short loops, a switch and an explicit stack.
#include "kernel.h"

#define SIZE (1 << 20)
static u8 text[SIZE + 4096];
static u8 nesting[256];

static u8 *put(u8 *at, const char *what) {
  while (*what) *at++ = (u8)*what++;
  return at;
}

static u8 *put_number(u8 *at, u32 value) {
  u8 digits[10];
  u32 count = 0;
  do {
    digits[count++] = (u8)('0' + value % 10);
    value /= 10;
  } while (value);
  while (count) *at++ = digits[--count];
  return at;
}

static u32 write_document(void) {
  u32 seed = 1;
  u8 *at = put(text, "[");
  while (at < text + SIZE) {
    at = put(at, "\n  { \"id\": ");
    at = put_number(at, next_random(&seed));
    at = put(at, ", \"name\": \"a \\\"quoted\\\" name of ");
    for (u32 length = next_random(&seed) % 60; length; length--) *at++ = (u8)('a' + length % 26);
    at = put(at, "\", \"tags\": [true, false, null, -12.5e3], \"nested\": { \"x\": ");
    at = put_number(at, next_random(&seed) % 1000);
    at = put(at, " } },");
  }
  at = put(at, " 0 ]");
  return (u32)(at - text);
}

static int is_space(u8 byte) { return byte == ' ' || byte == '\n' || byte == '\t' || byte == '\r'; }

static int is_number(u8 byte) {
  return (byte >= '0' && byte <= '9') || byte == '-' || byte == '+' || byte == '.' || byte == 'e' ||
         byte == 'E';
}

// Returns a checksum over the kinds, lengths and nesting of all tokens; 0 for an invalid document.
static u32 scan(const u8 *at, const u8 *end) {
  u32 sum = 1, depth = 0;
  while (at < end) {
    const u8 *start = at;
    u8 byte = *at++;
    switch (byte) {
      case ' ':
      case '\n':
      case '\t':
      case '\r':
        while (at < end && is_space(*at)) at++;
        break;
      case '{':
      case '[':
        if (depth == sizeof nesting) return 0;
        nesting[depth++] = byte;
        break;
      case '}':
      case ']':
        if (depth == 0 || nesting[--depth] != byte - 2) return 0;
        break;
      case ',':
      case ':':
        break;
      case '"':
        while (at < end && *at != '"') at += *at == '\\' ? 2 : 1;
        if (at++ >= end) return 0;
        break;
      case 't':
      case 'n':
        at += 3;
        break;
      case 'f':
        at += 4;
        break;
      default:
        if (!is_number(byte)) return 0;
        while (at < end && is_number(*at)) at++;
    }
    sum = sum * 31 + byte + (u32)(at - start) + depth;
  }
  return depth == 0 ? sum : 0;
}

EXPORT u32 run(u32 n) {
  u32 length = write_document(), sum = 0;
  for (u32 i = 0; i < n; i++) sum = sum * 31 + scan(text, text + length);
  return sum;
}
