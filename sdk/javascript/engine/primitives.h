// Primitives that the web API layer cannot implement in JavaScript: system calls, UTF-8, digests. Only that layer has this object; handlers do not.
#pragma once
#include "plain-url.h"
#include "sha.h"
#include "utf8.h"

#define PRIMITIVE(NAME) \
  static JSValue primitive_##NAME(JSContext *ctx, JSValueConst this_val, int argc, JSValueConst *argv)

// System calls that are not available before a request.
#define NEEDS_REQUEST(WHAT) \
  if (needs_request(ctx, WHAT)) return JS_EXCEPTION

// Returns the bytes of a Uint8Array, or the UTF-8 of anything else. `text` must be freed if it is not NULL.
static const uint8_t *bytes_of(JSContext *ctx, JSValueConst value, size_t *length, const char **text) {
  *text = NULL;
  if (JS_IsObject(value)) return JS_GetUint8Array(ctx, length, value);
  *text = JS_ToCStringLen(ctx, length, value);
  return (const uint8_t *)*text;
}

// read(size): bytes of standard input, or null at its end.
PRIMITIVE(read) {
  NEEDS_REQUEST("The request's body");
  uint32_t size;
  if (JS_ToUint32(ctx, &size, argv[0])) return JS_EXCEPTION;
  uint8_t *bytes = js_malloc(ctx, size);
  if (bytes == NULL) return JS_EXCEPTION;
  size_t count = host_read(bytes, size);
  JSValue read = count == 0 ? JS_NULL : JS_NewUint8ArrayCopy(ctx, bytes, count);
  js_free(ctx, bytes);
  return read;
}

// write(bytesOrText): writes to standard output; returns whether everything was written.
PRIMITIVE(write) {
  size_t length;
  const char *text;
  const uint8_t *bytes = bytes_of(ctx, argv[0], &length, &text);
  if (bytes == NULL) return JS_EXCEPTION;
  bool taken = host_write(1, bytes, length);
  JS_FreeCString(ctx, text);
  return js_bool(taken);
}

// log(level, text); before a request, to standard error, which the build shows.
PRIMITIVE(log) {
  int32_t level;
  size_t length;
  if (JS_ToInt32(ctx, &level, argv[0])) return JS_EXCEPTION;
  const char *text = JS_ToCStringLen(ctx, &length, argv[1]);
  if (text == NULL) return JS_EXCEPTION;
  if (is_answering) host_log(level, text, length);
  else {
    host_complain(text, length);
    host_complain("\n", 1);
  }
  JS_FreeCString(ctx, text);
  return JS_UNDEFINED;
}

// environment(): a list of `NAME=value`.
PRIMITIVE(environment) {
  NEEDS_REQUEST("The environment");
  __wasi_size_t count = 0, size = 0;
  if (__wasi_environ_sizes_get(&count, &size) != 0) return JS_NewArray(ctx);
  uint8_t **table = js_malloc(ctx, (count + 1) * sizeof *table);
  uint8_t *area = js_malloc(ctx, size + 1);
  if (table == NULL || area == NULL) return JS_EXCEPTION;
  JSValue list = JS_NewArray(ctx);
  if (__wasi_environ_get(table, area) == 0) {
    for (__wasi_size_t i = 0; i < count; i++) {
      JS_DefinePropertyValueUint32(ctx, list, i, JS_NewString(ctx, (const char *)table[i]), JS_PROP_C_W_E);
    }
  }
  js_free(ctx, area);
  js_free(ctx, table);
  return list;
}

// variable(name): one variable, or undefined.
PRIMITIVE(variable) {
  NEEDS_REQUEST("The environment");
  size_t length;
  const char *name = JS_ToCStringLen(ctx, &length, argv[0]);
  if (name == NULL) return JS_EXCEPTION;
  char small[256], *value = small;
  int32_t size = host_variable(name, length, small, sizeof small);
  if (size > (int32_t)sizeof small) {
    value = js_malloc(ctx, (size_t)size);
    if (value != NULL) size = host_variable(name, length, value, (size_t)size);
  }
  JS_FreeCString(ctx, name);
  if (value == NULL) return JS_EXCEPTION;
  JSValue found = size < 0 ? JS_UNDEFINED : JS_NewStringLen(ctx, value, (size_t)size);
  if (value != small) js_free(ctx, value);
  return found;
}

// isFieldValue(text): whether a header can have this value: bytes, no line breaks, no zero.
PRIMITIVE(isFieldValue) {
  size_t length;
  const char *text = JS_ToCStringLen(ctx, &length, argv[0]);
  if (text == NULL) return JS_EXCEPTION;
  bool is_value = true;
  for (size_t i = 0; i < length && is_value; i++) {
    // From U+0100 on, UTF-8 begins with 0xc4 or more.
    uint8_t byte = (uint8_t)text[i];
    is_value = byte != 0 && byte != '\n' && byte != '\r' && byte < 0xc4;
  }
  JS_FreeCString(ctx, text);
  return js_bool(is_value);
}

// random(bytes): fills a Uint8Array.
PRIMITIVE(random) {
  NEEDS_REQUEST("Randomness");
  size_t length;
  uint8_t *bytes = JS_GetUint8Array(ctx, &length, argv[0]);
  if (bytes == NULL) return JS_EXCEPTION;
  host_random(bytes, length);
  return JS_UNDEFINED;
}

// monotonic(): milliseconds since the request began.
PRIMITIVE(monotonic) {
  NEEDS_REQUEST("performance.now()");
  return JS_NewFloat64(ctx, (double)(host_clock_ns(1) / 1000) / 1000);
}

PRIMITIVE(sleep) {
  NEEDS_REQUEST("A timer");
  int32_t ms;
  if (JS_ToInt32(ctx, &ms, argv[0])) return JS_EXCEPTION;
  host_sleep(ms);
  return JS_UNDEFINED;
}

// breakOff(): ends the run so that the caller sees an incomplete response.
PRIMITIVE(breakOff) { __builtin_trap(); }

// Whether there is a request: false before the snapshot.
PRIMITIVE(isAnswering) { return js_bool(is_answering); }

// open(url): a descriptor, or a negative error.
PRIMITIVE(open) {
  NEEDS_REQUEST("A URL");
  size_t length;
  const char *url = JS_ToCStringLen(ctx, &length, argv[0]);
  if (url == NULL) return JS_EXCEPTION;
  int32_t fd = host_open(url, length);
  JS_FreeCString(ctx, url);
  return js_int32(fd);
}

// readFrom(fd, size): bytes, or a negative error.
PRIMITIVE(readFrom) {
  int32_t fd;
  uint32_t size;
  if (JS_ToInt32(ctx, &fd, argv[0]) || JS_ToUint32(ctx, &size, argv[1])) return JS_EXCEPTION;
  uint8_t *bytes = js_malloc(ctx, size);
  if (bytes == NULL) return JS_EXCEPTION;
  int32_t count = host_read_from(fd, bytes, size);
  JSValue read = count < 0 ? js_int32(count) : JS_NewUint8ArrayCopy(ctx, bytes, (size_t)count);
  js_free(ctx, bytes);
  return read;
}

// writeTo(fd, bytesOrText): 0, or a negative error.
PRIMITIVE(writeTo) {
  int32_t fd;
  if (JS_ToInt32(ctx, &fd, argv[0])) return JS_EXCEPTION;
  size_t length;
  const char *text;
  const uint8_t *bytes = bytes_of(ctx, argv[1], &length, &text);
  if (bytes == NULL) return JS_EXCEPTION;
  int32_t count = 0;
  for (size_t at = 0; at < length && count >= 0; at += (size_t)count) {
    count = host_write_to(fd, bytes + at, length - at);
    if (count == 0) count = -1;
  }
  JS_FreeCString(ctx, text);
  return js_int32(count < 0 ? count : 0);
}

PRIMITIVE(flush) {
  int32_t fd;
  if (JS_ToInt32(ctx, &fd, argv[0])) return JS_EXCEPTION;
  return js_int32(host_flush(fd));
}

PRIMITIVE(close) {
  int32_t fd;
  if (JS_ToInt32(ctx, &fd, argv[0])) return JS_EXCEPTION;
  host_close(fd);
  return JS_UNDEFINED;
}

// encode(text): UTF-8. The text has no lone surrogates.
PRIMITIVE(encode) {
  size_t length;
  const char *text = JS_ToCStringLen(ctx, &length, argv[0]);
  if (text == NULL) return JS_EXCEPTION;
  JSValue bytes = JS_NewUint8ArrayCopy(ctx, (const uint8_t *)text, length);
  JS_FreeCString(ctx, text);
  return bytes;
}

// decode(bytes): text, with U+FFFD for invalid UTF-8.
PRIMITIVE(decode) {
  size_t length;
  const uint8_t *bytes = JS_GetUint8Array(ctx, &length, argv[0]);
  if (bytes == NULL) return JS_EXCEPTION;
  size_t at = utf8_valid(bytes, length);
  if (at == length) return JS_NewStringLen(ctx, (const char *)bytes, length);
  DynBuf text;
  dbuf_init2(&text, JS_GetRuntime(ctx), (DynBufReallocFunc *)js_realloc_rt);
  for (size_t from = 0; from < length;) {
    dbuf_put(&text, bytes + from, at - from);
    if (at == length) break;
    dbuf_put(&text, (const uint8_t *)"\xef\xbf\xbd", 3);
    from = at + (size_t)-utf8_step(bytes + at, length - at);
    at = from + utf8_valid(bytes + from, length - from);
  }
  JSValue decoded = dbuf_error(&text) ? JS_ThrowOutOfMemory(ctx) : JS_NewStringLen(ctx, (const char *)text.buf, text.size);
  dbuf_free(&text);
  return decoded;
}

// validUtf8(bytes): the number of bytes at the start that are well-formed.
PRIMITIVE(validUtf8) {
  size_t length;
  const uint8_t *bytes = JS_GetUint8Array(ctx, &length, argv[0]);
  return bytes == NULL ? JS_EXCEPTION : js_int64((int64_t)utf8_valid(bytes, length));
}

// find(bytes, part, from): the place of the first occurrence at or after `from`, or -1.
PRIMITIVE(find) {
  size_t length, part_length;
  uint32_t from;
  const uint8_t *bytes = JS_GetUint8Array(ctx, &length, argv[0]);
  if (bytes == NULL) return JS_EXCEPTION;
  const uint8_t *part = JS_GetUint8Array(ctx, &part_length, argv[1]);
  if (part == NULL || JS_ToUint32(ctx, &from, argv[2])) return JS_EXCEPTION;
  const uint8_t *found = from > length ? NULL : memmem(bytes + from, length - from, part, part_length);
  return js_int64(found == NULL ? -1 : (int64_t)(found - bytes));
}

// digest(bits, bytes): bits is 1, 256, 384 or 512.
PRIMITIVE(digest) {
  int32_t bits;
  size_t length;
  if (JS_ToInt32(ctx, &bits, argv[0])) return JS_EXCEPTION;
  const uint8_t *bytes = JS_GetUint8Array(ctx, &length, argv[1]);
  if (bytes == NULL) return JS_EXCEPTION;
  for (size_t i = 0; i < countof(SHA); i++) {
    if (SHA[i].bits != bits) continue;
    uint8_t digest[64];
    sha_digest(&SHA[i], bytes, length, digest);
    return JS_NewUint8ArrayCopy(ctx, digest, (size_t)SHA[i].digest_bytes);
  }
  return JS_ThrowTypeError(ctx, "no such digest");
}

static JSValue string_of(JSContext *ctx, struct part part) { return JS_NewStringLen(ctx, part.from, part.length); }

// splitUrl(text): scheme, host, port (may be empty), path and query (may be null) of a URL that is written as it is
// serialized; undefined for all others.
PRIMITIVE(splitUrl) {
  size_t length;
  const char *text = JS_ToCStringLen(ctx, &length, argv[0]);
  if (text == NULL) return JS_EXCEPTION;
  struct plain_url url;
  JSValue found = JS_UNDEFINED;
  if (split_plain_url(text, length, &url)) {
    JSValue query = url.has_query ? string_of(ctx, url.query) : JS_NULL;
    JSValue parts[] = {string_of(ctx, url.scheme), string_of(ctx, url.host), string_of(ctx, url.port),
                       string_of(ctx, url.path), query};
    found = JS_NewArrayFrom(ctx, countof(parts), parts);
  }
  JS_FreeCString(ctx, text);
  return found;
}

static JSValue make_primitives(JSContext *ctx) {
  static const struct {
    const char *name;
    JSCFunction *function;
    int length;
  } all[] = {
#define ROW(NAME, LENGTH) {#NAME, primitive_##NAME, LENGTH}
      ROW(read, 1),     ROW(write, 1),  ROW(log, 2),         ROW(environment, 0), ROW(random, 1), ROW(monotonic, 0),
      ROW(sleep, 1),    ROW(breakOff, 0),   ROW(isAnswering, 0), ROW(open, 1),        ROW(flush, 1),  ROW(close, 1),
      ROW(readFrom, 2), ROW(writeTo, 2), ROW(encode, 1),     ROW(decode, 1),      ROW(digest, 2), ROW(validUtf8, 1),
      ROW(variable, 1), ROW(isFieldValue, 1), ROW(splitUrl, 1),     ROW(find, 3),
#undef ROW
  };
  JSValue object = JS_NewObject(ctx);
  for (size_t i = 0; i < countof(all); i++) {
    JS_SetPropertyStr(ctx, object, all[i].name, JS_NewCFunction(ctx, all[i].function, all[i].name, all[i].length));
  }
  return object;
}
