// Formatted text: a small subset of printf.
#include <olin.h>

// Collects text in a buffer, which is either written to a descriptor when full, or grows.
typedef struct {
  char *at;
  size_t length, capacity;
  int32_t fd;
} Sink;

enum { INTO_MEMORY = -1 };

static void put(Sink *sink, char byte) {
  if (sink->length == sink->capacity) {
    if (sink->fd == INTO_MEMORY) {
      char *larger = allocate(sink->capacity * 2);
      __builtin_memcpy(larger, sink->at, sink->length);
      sink->at = larger;
      sink->capacity *= 2;
    } else {
      write_all(sink->fd, sink->at, sink->length);
      sink->length = 0;
    }
  }
  sink->at[sink->length++] = byte;
}

static void put_padded(Sink *sink, const char *text, size_t length, size_t width, char padding) {
  for (; width > length; width--) put(sink, padding);
  for (size_t i = 0; i < length; i++) put(sink, text[i]);
}

static void put_number(Sink *sink, uint64_t value, bool negative, unsigned base, size_t width, char padding) {
  char digits[24];
  size_t at = sizeof digits;
  do {
    digits[--at] = "0123456789abcdef"[value % base];
    value /= base;
  } while (value > 0);
  if (negative) digits[--at] = '-';
  put_padded(sink, digits + at, sizeof digits - at, width, padding);
}

static void put_format(Sink *sink, const char *format, va_list values) {
  for (; *format != 0; format++) {
    if (*format != '%') {
      put(sink, *format);
      continue;
    }
    format++;
    char padding = *format == '0' ? '0' : ' ';
    size_t width = 0, most = SIZE_MAX;
    for (; *format >= '0' && *format <= '9'; format++) width = width * 10 + (size_t)(*format - '0');
    if (format[0] == '.' && format[1] == '*') {
      most = (size_t)va_arg(values, int);
      format += 2;
    }
    bool is_long = format[0] == 'l' && format[1] == 'l';
    if (is_long) format += 2;
    if (*format == 's') {
      const char *text = va_arg(values, const char *);
      size_t length = 0;
      while (length < most && text[length] != 0) length++;
      put_padded(sink, text, length, width, padding);
    } else if (*format == 'c') {
      put(sink, (char)va_arg(values, int));
    } else if (*format == 'd') {
      int64_t value = is_long ? va_arg(values, int64_t) : va_arg(values, int32_t);
      put_number(sink, value < 0 ? 0 - (uint64_t)value : (uint64_t)value, value < 0, 10, width, padding);
    } else if (*format == 'u' || *format == 'x') {
      uint64_t value = is_long ? va_arg(values, uint64_t) : va_arg(values, uint32_t);
      put_number(sink, value, false, *format == 'x' ? 16 : 10, width, padding);
    } else {
      put(sink, *format);
    }
  }
}

static void print_list(int32_t fd, const char *format, va_list values) {
  char buffer[512];
  Sink sink = {buffer, 0, sizeof buffer, fd};
  put_format(&sink, format, values);
  if (sink.length > 0) write_all(fd, buffer, sink.length);
}

static Sink format_list(const char *format, va_list values) {
  Sink sink = {allocate(64), 0, 64, INTO_MEMORY};
  put_format(&sink, format, values);
  return sink;
}

void print(const char *format, ...) {
  va_list values;
  va_start(values, format);
  print_list(standard_output(), format, values);
  va_end(values);
}

void print_to(int32_t fd, const char *format, ...) {
  va_list values;
  va_start(values, format);
  print_list(fd, format, values);
  va_end(values);
}

const char *format_text(const char *format, ...) {
  va_list values;
  va_start(values, format);
  Sink sink = format_list(format, values);
  va_end(values);
  put(&sink, 0);
  return sink.at;
}

void log_line(int32_t level, const char *format, ...) {
  va_list values;
  va_start(values, format);
  Sink sink = format_list(format, values);
  va_end(values);
  log_write(level, sink.at, sink.length);
}
