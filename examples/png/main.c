// A picture for a name: five by five squares, mirrored, in one colour. /?name=Ada&size=120
// The PNG is written by hand: a signature, then chunks, each with a length, a name, data and a checksum.
#include <olin.h>

enum { SQUARES = 5, MARGIN = 1, CELLS = SQUARES + 2 * MARGIN, LARGEST = 240 };

static uint8_t file[70000];
static size_t length;

static void put(const void *bytes, size_t count) {
  __builtin_memcpy(file + length, bytes, count);
  length += count;
}

// Numbers in a PNG have the high byte first.
static void put_u32(uint32_t n) {
  put((uint8_t[]){n >> 24, n >> 16, n >> 8, n}, 4);
}

// The checksum of zip and PNG, bit by bit.
static uint32_t crc32(const uint8_t *bytes, size_t count) {
  uint32_t crc = ~0u;
  for (size_t i = 0; i < count; i++) {
    crc ^= bytes[i];
    for (int bit = 0; bit < 8; bit++) crc = crc >> 1 ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return ~crc;
}

static void put_chunk(const char *name, const uint8_t *data, size_t count) {
  put_u32((uint32_t)count);
  size_t checked_from = length;
  put(name, 4);
  put(data, count);
  put_u32(crc32(file + checked_from, length - checked_from));
}

// Wraps the pixels in zlib's format, as one uncompressed block.
static void put_pixels(const uint8_t *pixels, size_t count) {
  static uint8_t zlib[LARGEST * (LARGEST + 1) + 11];
  uint32_t a = 1, b = 0;
  for (size_t i = 0; i < count; i++) a = (a + pixels[i]) % 65521, b = (b + a) % 65521;
  uint8_t head[] = {0x78, 1, 1, count, count >> 8, ~count, ~count >> 8};
  uint8_t sum[] = {b >> 8, b, a >> 8, a};
  __builtin_memcpy(zlib, head, sizeof head);
  __builtin_memcpy(zlib + sizeof head, pixels, count);
  __builtin_memcpy(zlib + sizeof head + count, sum, sizeof sum);
  put_chunk("IDAT", zlib, sizeof head + count + sizeof sum);
}

void _start(void) {
  const char *name = query("name");
  uint32_t size = (uint32_t)read_number(query("size"), 120, CELLS, LARGEST);

  // FNV-1a hashes the name to 32 bits: 15 select the squares, 9 the colour.
  uint32_t hash = 2166136261;
  for (const char *at = name != NULL ? name : "olin"; *at != 0; at++) hash = (hash ^ (uint8_t)*at) * 16777619;
  hash ^= hash >> 15;

  // Each row is a filter byte, 0 for none, and one palette index per pixel.
  static uint8_t pixels[LARGEST * (LARGEST + 1)];
  uint8_t *at = pixels;
  for (uint32_t y = 0; y < size; y++) {
    *at++ = 0;
    for (uint32_t x = 0; x < size; x++) {
      int column = (int)(x * CELLS / size) - MARGIN, row = (int)(y * CELLS / size) - MARGIN;
      bool inside = column >= 0 && column < SQUARES && row >= 0 && row < SQUARES;
      int mirrored = column > 2 ? 4 - column : column;
      *at++ = inside && (hash >> (row * 3 + mirrored) & 1);
    }
  }

  put("\x89PNG\r\n\x1a\n", 8);
  uint8_t header[] = {0, 0, 0, size, 0, 0, 0, size, 8 /* bits */, 3 /* palette */, 0, 0, 0};
  uint8_t palette[] = {245, 245, 250, 60 + (hash >> 24) % 128, 60 + (hash >> 19) % 128, 60 + (hash >> 14) % 128};
  put_chunk("IHDR", header, sizeof header);
  put_chunk("PLTE", palette, sizeof palette);
  put_pixels(pixels, (size_t)(at - pixels));
  put_chunk("IEND", NULL, 0);

  respond(200, "image/png", format_text("Content-Length: %u\n", (unsigned)length));
  write_all(standard_output(), file, length);
}
