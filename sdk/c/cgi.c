// Environment, arguments and CGI: the request is in variables, the response goes to standard output.
#include <olin.h>

const char *env(const char *name) {
  size_t name_length = text_length(name);
  size_t room = 256;
  for (;;) {
    char *value = allocate(room);
    int32_t length = env_get(name, name_length, value, room - 1);
    if (length < 0) return NULL;
    if ((size_t)length < room) {
      value[length] = 0;
      return value;
    }
    // The value did not fit. Now its length is known.
    room = (size_t)length + 1;
  }
}

const char *argument(uint32_t i) {
  enum { ROOM = 4096 };
  if (i >= startup_arg_len()) return NULL;
  char *value = allocate(ROOM);
  int32_t length = startup_arg_at(i, value, ROOM - 1);
  value[length] = 0;
  return value;
}

static int hexadecimal(char digit) {
  if (digit >= '0' && digit <= '9') return digit - '0';
  char letter = digit | 0x20;
  return letter >= 'a' && letter <= 'f' ? letter - 'a' + 10 : -1;
}

// Decodes the encoding of forms, up to `end`: `+` is a space, `%41` is a byte.
static const char *decode_field(const char *from, const char *end) {
  char *text = allocate((size_t)(end - from) + 1);
  char *to = text;
  for (; from < end; from++) {
    int high = from + 2 < end && *from == '%' ? hexadecimal(from[1]) : -1;
    int low = high >= 0 ? hexadecimal(from[2]) : -1;
    if (low >= 0) {
      *to++ = (char)(high << 4 | low);
      from += 2;
    } else {
      *to++ = *from == '+' ? ' ' : *from;
    }
  }
  *to = 0;
  return text;
}

const char *query(const char *name) {
  const char *at = env("QUERY_STRING");
  while (at != NULL && *at != 0) {
    const char *end = at;
    while (*end != 0 && *end != '&') end++;
    const char *equals = at;
    while (equals < end && *equals != '=') equals++;
    if (same_text(decode_field(at, equals), name)) return decode_field(equals < end ? equals + 1 : end, end);
    at = *end == '&' ? end + 1 : end;
  }
  return NULL;
}

void respond(int status, const char *type, const char *headers) {
  print("Status: %d\nContent-Type: %s\n%s\n", status, type, headers == NULL ? "" : headers);
}
