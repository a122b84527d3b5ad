// A handler. It is started once for each request, answers it, and ends: the next request finds a fresh memory.
// The library <olin.h> is the folder olin/; there is no C library.
#include <olin.h>

static const char text[] = "text/plain; charset=utf-8";
enum { LARGEST_NAME = 4096 };

static void greet(const char *name) {
  respond(200, text, NULL);
  print("Hello, %s!\n", name);
}

// The body comes from standard input. What is longer is cut off, and a line break at its end as well.
static const char *read_body(void) {
  char *body = allocate(LARGEST_NAME + 1);
  size_t length = 0, got;
  while ((got = read_some(standard_input(), body + length, LARGEST_NAME - length)) > 0) length += got;
  while (length > 0 && body[length - 1] <= ' ') length--;
  body[length] = 0;
  return body;
}

void _start(void) {
  // The path is what follows the handler's name: empty or "/" at the top.
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
  // The query: the name of /?name=Ada, decoded.
  const char *name = query("name");
  greet(name != NULL ? name : "world");
}
