// Finds the parts of a URL that is already in serialized form (URL Standard), so that no part has to change. Most URLs of requests are; ../runtime/url/parse.ts parses all others.
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

struct part {
  const char *from;
  size_t length;
};

struct plain_url {
  struct part scheme, host, port, path, query;
  bool has_query;
};

static bool is_decimal(char c) { return c >= '0' && c <= '9'; }
static bool is_small(char c) { return c >= 'a' && c <= 'z'; }

// Four numbers below 256 without leading zeros.
static bool is_plain_ipv4(struct part host) {
  int numbers = 0;
  for (size_t at = 0; at < host.length; numbers++) {
    int value = 0;
    size_t from = at;
    while (at < host.length && is_decimal(host.from[at]) && at - from < 3) value = value * 10 + host.from[at++] - '0';
    if (at == from || value > 255 || (host.from[from] == '0' && at - from > 1)) return false;
    if (at < host.length && (host.from[at] != '.' || ++at == host.length)) return false;
  }
  return numbers == 4;
}

// Letters, digits, dashes and dots; the last label, which may make it an address, begins with a letter.
static bool is_plain_domain(struct part host) {
  bool begins_label = true, is_last_named = false;
  for (size_t i = 0; i < host.length; i++) {
    char c = host.from[i];
    if (c == '.') {
      if (begins_label) return false;
      begins_label = true;
    } else if (is_small(c) || is_decimal(c) || (c == '-' && !begins_label)) {
      if (begins_label) is_last_named = is_small(c);
      begins_label = false;
    } else return false;
  }
  return !begins_label && is_last_named;
}

static bool is_plain_port(struct part port, bool is_secure) {
  if (port.length == 0 || port.length > 5 || port.from[0] == '0') return false;
  int value = 0;
  for (size_t i = 0; i < port.length; i++) value = value * 10 + port.from[i] - '0';
  return value <= 65535 && value != (is_secure ? 443 : 80);
}

// Printable ASCII, except characters that are percent-encoded in that part.
static bool has_only_plain(struct part text, const char *others) {
  for (size_t i = 0; i < text.length; i++) {
    char c = text.from[i];
    if (c <= 0x20 || c >= 0x7f || strchr(others, c) != NULL) return false;
  }
  return true;
}

// No segment that could be `.` or `..`, even if it is percent-encoded.
static bool has_no_dots(struct part path) {
  for (size_t i = 0; i + 1 < path.length; i++) {
    if (path.from[i] != '/') continue;
    const char *next = path.from + i + 1;
    if (*next == '.' || (*next == '%' && i + 2 < path.length && next[1] == '2')) return false;
  }
  return true;
}

static bool split_plain_url(const char *text, size_t length, struct plain_url *url) {
  bool is_secure = length > 8 && memcmp(text, "https://", 8) == 0;
  size_t at = is_secure ? 8 : 7;
  if (!is_secure && (length <= 7 || memcmp(text, "http://", 7) != 0)) return false;
  url->scheme = (struct part){text, at - 3};
  size_t from = at;
  while (at < length && text[at] != ':' && text[at] != '/') at++;
  url->host = (struct part){text + from, at - from};
  if (!is_plain_domain(url->host) && !is_plain_ipv4(url->host)) return false;
  url->port = (struct part){text + at, 0};
  if (at < length && text[at] == ':') {
    for (from = ++at; at < length && is_decimal(text[at]); at++) {
    }
    url->port = (struct part){text + from, at - from};
    if (!is_plain_port(url->port, is_secure)) return false;
  }
  if (at == length || text[at] != '/') return false;
  const char *mark = memchr(text + at, '?', length - at);
  size_t end = mark == NULL ? length : (size_t)(mark - text);
  url->path = (struct part){text + at, end - at};
  url->has_query = mark != NULL;
  url->query = mark == NULL ? (struct part){text, 0} : (struct part){mark + 1, length - end - 1};
  return has_only_plain(url->path, "\"#<>?^`{}\\") && has_no_dots(url->path) && has_only_plain(url->query, "\"#<>'");
}
