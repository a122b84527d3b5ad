// The Olin library for C: text in and out, the environment, CGI and an HTTP client over the raw system calls.
#pragma once

#include <olin-raw.h>
#include <stdarg.h>
#include <stdbool.h>

// The entry point of every program.
void _start(void);

// Return the descriptors of the standard streams, which are opened on first use.
int32_t standard_input(void);
int32_t standard_output(void);
int32_t standard_error(void);

// Writes all the bytes. Traps if the stream accepts no more.
void write_all(int32_t fd, const void *bytes, size_t length);
// Reads up to `length` bytes. Returns the number of bytes read; 0 at the end.
size_t read_some(int32_t fd, void *into, size_t length);

// Writes formatted text: %s, %.*s, %c, %d, %u, %x, %lld, %llu, %%, with a width as in %5d and %02x.
__attribute__((format(printf, 1, 2))) void print(const char *format, ...);
__attribute__((format(printf, 2, 3))) void print_to(int32_t fd, const char *format, ...);
// Formats into new memory, which is never freed.
__attribute__((format(printf, 1, 2))) const char *format_text(const char *format, ...);

// Adds a formatted line to the log of the run.
enum { LOG_ERROR = 1, LOG_WARNING = 3, LOG_INFO = 6 };
__attribute__((format(printf, 2, 3))) void log_line(int32_t level, const char *format, ...);

// Allocates memory that is never freed: a handler lives for one request. Traps if memory cannot grow.
void *allocate(size_t length);

size_t text_length(const char *text);
bool same_text(const char *left, const char *right);
// Parses an integer at the start of the text, clamped to the bounds. Returns the fallback if there is none.
int32_t read_number(const char *text, int32_t fallback, int32_t least, int32_t most);

// Returns the value of an environment variable; NULL if it is not set.
const char *env(const char *name);
// Returns an argument, cut to 4095 bytes; NULL after the last. Argument 0 is the name of the program.
const char *argument(uint32_t i);

// Returns a query parameter, decoded; NULL if it is absent.
const char *query(const char *name);
// Sends the headers of an HTTP response. `headers` has more header lines, each ended by \n, or is NULL.
// What is written to standard output afterwards is the body.
void respond(int status, const char *type, const char *headers);

// The response of a server. `status` is 0 if there was no response.
typedef struct {
  int status;
  const char *body;
  size_t length;
} Reply;

Reply http_get(const char *url);
