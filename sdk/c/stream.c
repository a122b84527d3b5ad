// Standard streams, memory, strings, and the four functions that the compiler itself calls.
#include <olin.h>

// The first address after the program's data, set by the linker.
extern unsigned char __heap_base;

static size_t next_free;

void *allocate(size_t length) {
  if (next_free == 0) next_free = (size_t)&__heap_base;
  size_t at = (next_free + 15) & ~(size_t)15;
  size_t end = at + length;
  size_t have = __builtin_wasm_memory_size(0) << 16;
  if (end < at) __builtin_trap();
  if (end > have && __builtin_wasm_memory_grow(0, (end - have + 65535) >> 16) == (size_t)-1) __builtin_trap();
  next_free = end;
  return (void *)at;
}

// Descriptor plus one, so that 0 means "not opened yet".
static int32_t input, output, error;

int32_t standard_input(void) {
  if (input == 0) input = io_get_stdin() + 1;
  return input - 1;
}

int32_t standard_output(void) {
  if (output == 0) output = io_get_stdout() + 1;
  return output - 1;
}

int32_t standard_error(void) {
  if (error == 0) error = io_get_stderr() + 1;
  return error - 1;
}

void write_all(int32_t fd, const void *bytes, size_t length) {
  const char *at = bytes;
  while (length > 0) {
    int32_t written = resource_write(fd, at, length);
    if (written <= 0) __builtin_trap();
    at += written;
    length -= (size_t)written;
  }
}

size_t read_some(int32_t fd, void *into, size_t length) {
  int32_t got = resource_read(fd, into, length);
  return got > 0 ? (size_t)got : 0;
}

size_t text_length(const char *text) {
  size_t length = 0;
  while (text[length] != 0) length++;
  return length;
}

bool same_text(const char *left, const char *right) {
  while (*left != 0 && *left == *right) left++, right++;
  return *left == *right;
}

int32_t read_number(const char *text, int32_t fallback, int32_t least, int32_t most) {
  if (text == NULL) return fallback;
  bool negative = *text == '-';
  if (negative) text++;
  if (*text < '0' || *text > '9') return fallback;
  int64_t value = 0;
  for (; *text >= '0' && *text <= '9' && value < INT32_MAX; text++) value = value * 10 + (*text - '0');
  if (negative) value = -value;
  return (int32_t)(value < least ? least : value > most ? most : value);
}

// The compiler turns loops and assignments into calls of these. With bulk memory, which the build enables,
// each of the first three is one instruction.
void *memcpy(void *restrict to, const void *restrict from, size_t length) {
  return __builtin_memcpy(to, from, length);
}

void *memmove(void *to, const void *from, size_t length) { return __builtin_memmove(to, from, length); }

void *memset(void *to, int byte, size_t length) { return __builtin_memset(to, byte, length); }

int memcmp(const void *left, const void *right, size_t length) {
  const unsigned char *l = left, *r = right;
  for (; length > 0; l++, r++, length--) {
    if (*l != *r) return *l - *r;
  }
  return 0;
}
