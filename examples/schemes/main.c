// "Everything is a URL": the same system calls work for random bytes, zeros, null and the log.
#include <olin.h>

static int32_t open_url(const char *url) { return resource_open(url, text_length(url)); }

void _start(void) {
  uint8_t bytes[8] = {1, 2, 3, 4, 5, 6, 7, 8};

  // zero:// is an endless stream of zeros.
  int32_t zero = open_url("zero://");
  print("zero://   gives %d bytes:", resource_read(zero, bytes, sizeof bytes));
  for (size_t i = 0; i < sizeof bytes; i++) print(" %d", bytes[i]);
  resource_close(zero);

  // null:// discards what is written and is always empty.
  int32_t null = open_url("null://");
  print("\nnull://   takes %d bytes, gives %d\n", resource_write(null, bytes, 8), resource_read(null, bytes, 8));
  resource_close(null);

  // random:// returns random bytes: eight zeros in a row occur once in 2^64.
  int32_t chance = open_url("random://");
  int32_t got = resource_read(chance, bytes, sizeof bytes);
  uint64_t all = 0;
  for (size_t i = 0; i < sizeof bytes; i++) all |= bytes[i];
  print("random:// gives %d bytes, %s\n", got, all == 0 ? "all zero" : "not all zero");
  resource_close(chance);

  // Each line written to log:// is added to the log.
  int32_t log = open_url("log://?prefix=schemes");
  print_to(log, "written like a file");
  resource_close(log);

  // An unknown scheme does not stop the program: the call returns a negative number.
  print("gopher:// is error %d\n", open_url("gopher://example.com/"));
}
