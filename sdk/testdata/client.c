// Fetches the URL of its first argument, and prints the status and the body.
#include <olin.h>

void _start(void) {
  Reply reply = http_get(argument(1));
  if (reply.status == 0) print("none\n");
  else print("%d %.*s\n", reply.status, (int)reply.length, reply.body);
}
