// The exit status of a program: 0 is success, and other numbers can distinguish failures.
#include <olin.h>

void _start(void) {
  const char *asked = argument(1);
  if (asked == NULL) {
    print("No argument: ending well.\n");
    return; // returning exits with status 0
  }

  bool is_number = (*asked >= '0' && *asked <= '9') || *asked == '-';
  if (!is_number) {
    // Messages for people go to standard error, not to the output.
    print_to(standard_error(), "%s is no number. Give an exit status: exit-codes 3\n", asked);
    runtime_exit(2);
  }

  int32_t status = read_number(asked, 0, INT32_MIN + 1, INT32_MAX);
  print("Ending with %d.\n", status);
  runtime_exit(status); // never returns, also in nested calls
  print("Nobody reads this.\n");
}
