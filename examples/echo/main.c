// Responds with the body of the request, whatever its size: 4 KiB at a time, in constant memory.
// Both bodies are streams: the first bytes are sent before the last are received.
#include <olin.h>

void _start(void) {
  // The response has the type of the request.
  const char *type = env("CONTENT_TYPE");
  respond(200, type != NULL ? type : "application/octet-stream", NULL);

  char chunk[4096];
  size_t length;
  // Standard input is the body. Reading 0 bytes means its end.
  while ((length = read_some(standard_input(), chunk, sizeof chunk)) > 0) {
    write_all(standard_output(), chunk, length);
  }
}
