// Two cookies and a redirect, then a page that reads them back. Headers of the same name are kept separate and in order.
#include <olin.h>

// Returns the value of a cookie in the header `Cookie: a=1; b=2`, or NULL.
static const char *cookie(const char *name) {
  const char *at = env("HTTP_COOKIE");
  size_t length = text_length(name);
  while (at != NULL && *at != 0) {
    while (*at == ' ' || *at == ';') at++;
    const char *end = at;
    while (*end != 0 && *end != ';') end++;
    if ((size_t)(end - at) > length && __builtin_memcmp(at, name, length) == 0 && at[length] == '=') {
      return format_text("%.*s", (int)(end - at - (int)length - 1), at + length + 1);
    }
    at = end;
  }
  return NULL;
}

void _start(void) {
  const char *path = env("PATH_INFO");
  const char *handler = env("SCRIPT_NAME"); // where this handler is mounted, such as /run/cookies

  if (path != NULL && same_text(path, "/set")) {
    // 303 See Other: the browser stores the cookies and fetches the other page with GET.
    respond(303, "text/plain",
            format_text("Location: %s/\n"
                        "Set-Cookie: theme=dark; Path=/; Max-Age=3600; SameSite=Lax\n"
                        "Set-Cookie: session=42; Path=/; HttpOnly; SameSite=Strict\n",
                        handler != NULL ? handler : ""));
    print("Cookies set; go to the first page.\n");
    return;
  }

  respond(200, "text/plain", "Cache-Control: no-store\n");
  const char *theme = cookie("theme");
  const char *session = cookie("session");
  print("theme is %s, session is %s\n", theme != NULL ? theme : "not set", session != NULL ? session : "not set");
}
