// A handler. It starts once per request, answers it, and ends: the next request gets fresh memory.
// The library <olin.h> is the folder olin/; there is no C library.
#include <olin.h>

static const char text[] = "text/plain; charset=utf-8";
enum { LARGEST_NAME = 4096 };

static void greet(const char *name) {
  respond(200, text, NULL);
  print("Hello, %s!\n", name);
}

// The body comes from standard input. A longer one is cut off, and a final line break is removed.
static const char *read_body(void) {
  char *body = allocate(LARGEST_NAME + 1);
  size_t length = 0, got;
  while ((got = read_some(standard_input(), body + length, LARGEST_NAME - length)) > 0) length += got;
  while (length > 0 && body[length - 1] <= ' ') length--;
  body[length] = 0;
  return body;
}

void _start(void) {
  // The path is the part of the URL after the handler's name: empty or "/" for the handler itself.
  const char *path = env("PATH_INFO");
  if (path != NULL && text_length(path) > 1) {
    respond(404, text, NULL);
    print("There is nothing at %s.\n", path);
    return;
  }
  const char *method = env("REQUEST_METHOD");
  if (method != NULL && same_text(method, "POST")) {
    greet(read_body());
    return;
  }
  // The decoded query parameter: Ada in /?name=Ada.
  const char *name = query("name");
  greet(name != NULL ? name : "world");
}
