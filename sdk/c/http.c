// An HTTP client: writes the request to an opened URL, and reads the response from it.
#include <olin.h>

// Returns the start of the host in `scheme://host/path`.
static const char *host_of(const char *url) {
  while (*url != 0 && !(url[0] == ':' && url[1] == '/' && url[2] == '/')) url++;
  return *url == 0 ? url : url + 3;
}

Reply http_get(const char *url) {
  Reply reply = {0, NULL, 0};
  int32_t fd = resource_open(url, text_length(url));
  if (fd < 0) return reply;
  const char *host = host_of(url);
  const char *path = host;
  while (*path != 0 && *path != '/' && *path != '?' && *path != '#') path++;
  const char *end = path;
  while (*end != 0 && *end != '#') end++;
  print_to(fd, "GET %s%.*s HTTP/1.1\r\nHost: %.*s\r\nConnection: close\r\n\r\n", *path == '/' ? "" : "/",
           (int)(end - path), path, (int)(path - host), host);
  resource_flush(fd);

  size_t room = 4096, length = 0, got;
  char *all = allocate(room);
  while ((got = read_some(fd, all + length, room - length)) > 0) {
    length += got;
    if (length == room) {
      char *larger = allocate(room *= 2);
      __builtin_memcpy(larger, all, length);
      all = larger;
    }
  }
  resource_close(fd);

  // "HTTP/1.1 200 OK", header lines, an empty line, the body.
  size_t body = 0;
  while (body + 4 <= length && __builtin_memcmp(all + body, "\r\n\r\n", 4) != 0) body++;
  if (body + 4 > length || length < 12) return reply;
  reply.status = read_number(all + 9, 0, 0, 999);
  reply.body = all + body + 4;
  reply.length = length - body - 4;
  return reply;
}
