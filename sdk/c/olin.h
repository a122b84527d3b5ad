// The Olin library for C: text in and out, the environment, CGI and an HTTP client over the raw system calls.
#pragma once

#include <olin-raw.h>
#include <stdarg.h>
#include <stdbool.h>

// Every program starts here.
void _start(void);

// The descriptors of the three standard streams, opened at the first use.
int32_t standard_input(void);
int32_t standard_output(void);
int32_t standard_error(void);

// Writes all the bytes; a stream that takes no more traps.
void write_all(int32_t fd, const void *bytes, size_t length);
// Reads up to `length` bytes and gives how many came; 0 at the end.
size_t read_some(int32_t fd, void *into, size_t length);

// Writes formatted text: %s, %.*s, %c, %d, %u, %x, %lld, %llu, %%, with a width as in %5d and %02x.
__attribute__((format(printf, 1, 2))) void print(const char *format, ...);
__attribute__((format(printf, 2, 3))) void print_to(int32_t fd, const char *format, ...);
// Formats into a new text, which is never freed.
__attribute__((format(printf, 1, 2))) const char *format_text(const char *format, ...);

// Adds a formatted line to the log of the run.
enum { LOG_ERROR = 1, LOG_WARNING = 3, LOG_INFO = 6 };
__attribute__((format(printf, 2, 3))) void log_line(int32_t level, const char *format, ...);

// Memory that is never freed: a handler lives for one request. Traps where the host gives no more.
void *allocate(size_t length);

size_t text_length(const char *text);
bool same_text(const char *left, const char *right);
// A whole number at the start of the text, or the fallback where there is none; kept within the bounds.
int32_t read_number(const char *text, int32_t fallback, int32_t least, int32_t most);

// The value of an environment variable, or NULL.
const char *env(const char *name);
// An argument, or NULL past the last; 0 is the name of the program. Cut off at 4095 bytes.
const char *argument(uint32_t i);

// A field of the query string, decoded, or NULL where it is absent.
const char *query(const char *name);
// Sends the head of an HTTP response. `headers` is more header lines, each ended by \n, or NULL.
// What is written to standard output afterwards is the body.
void respond(int status, const char *type, const char *headers);

// What a server answered. `status` is 0 where nothing did.
typedef struct {
  int status;
  const char *body;
  size_t length;
} Reply;

Reply http_get(const char *url);
