// Answers with the body of the request, whatever its size: 4 KiB at a time, in constant memory.
// Both ends are streams. The first bytes go out before the last have come in.
#include <olin.h>

void _start(void) {
  // The answer has the type of the question.
  const char *type = env("CONTENT_TYPE");
  respond(200, type != NULL ? type : "application/octet-stream", NULL);

  char chunk[4096];
  size_t length;
  // Standard input is the body. 0 bytes read is its end.
  while ((length = read_some(standard_input(), chunk, sizeof chunk)) > 0) {
    write_all(standard_output(), chunk, length);
  }
}
