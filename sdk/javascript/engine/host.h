// The system calls that the engine makes, with plain C types.
#pragma once
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <wasi/api.h>

#define IMPORT(MODULE, NAME) __attribute__((import_module(MODULE), import_name(NAME)))
#define EXPORT(NAME) __attribute__((export_name(NAME)))

IMPORT("cwa", "resource_open") int32_t host_open(const char *url, size_t length);
IMPORT("cwa", "resource_read") int32_t host_read_from(int32_t fd, void *into, size_t length);
IMPORT("cwa", "resource_write") int32_t host_write_to(int32_t fd, const void *bytes, size_t length);
IMPORT("cwa", "resource_flush") int32_t host_flush(int32_t fd);
IMPORT("cwa", "resource_close") void host_close(int32_t fd);
IMPORT("cwa", "env_get") int32_t host_variable(const char *name, size_t name_length, char *into, size_t length);
IMPORT("cwa", "log_write") void host_log(int32_t level, const char *text, size_t length);
IMPORT("cwa", "runtime_msleep") void host_sleep(int32_t ms);

static inline uint64_t host_clock_ns(__wasi_clockid_t id) {
  __wasi_timestamp_t time = 0;
  return __wasi_clock_time_get(id, 1000, &time) == 0 ? time : 0;
}

static inline void host_random(void *into, size_t length) {
  if (__wasi_random_get(into, length) != 0) __builtin_trap();
}

// Reads from standard input; 0 at its end.
static inline size_t host_read(void *into, size_t length) {
  __wasi_iovec_t vector = {into, length};
  __wasi_size_t count = 0;
  if (__wasi_fd_read(0, &vector, 1, &count) != 0) return 0;
  return count;
}

// Writes to standard output or standard error. Returns whether everything was written.
static inline int host_write(int fd, const void *bytes, size_t length) {
  while (length > 0) {
    __wasi_ciovec_t vector = {bytes, length};
    __wasi_size_t count = 0;
    if (__wasi_fd_write(fd, &vector, 1, &count) != 0 || count == 0) return 0;
    bytes = (const char *)bytes + count;
    length -= count;
  }
  return 1;
}

// Clears memory that is about to be freed. The barrier keeps the compiler from dropping stores that nothing reads.
static inline void clear(void *bytes, size_t length) {
  memset(bytes, 0, length);
  __asm__ volatile("" : : "r"(bytes) : "memory");
}

static inline void host_complain(const char *text, size_t length) { host_write(2, text, length); }

// Reads all of standard input, and adds a terminating zero.
static inline char *host_read_all(size_t *length) {
  size_t room = 65536, used = 0, count;
  char *bytes = malloc(room);
  while (bytes != NULL && (count = host_read(bytes + used, room - 1 - used)) > 0) {
    used += count;
    if (used < room - 1) continue;
    char *larger = malloc(room * 2);
    if (larger == NULL) __builtin_trap();
    memcpy(larger, bytes, used);
    clear(bytes, used);
    free(bytes);
    bytes = larger;
    room *= 2;
  }
  if (bytes == NULL) __builtin_trap();
  bytes[used] = 0;
  *length = used;
  return bytes;
}
