// Fetches the URL of its first argument, and prints the status and the body.
import { args, get, stdout } from 'olin';

function main(): void {
  const reply = get(args()[0]);
  if (reply === null) stdout.write('none\n');
  else stdout.write(reply.status.toString() + ' ' + reply.text() + '\n');
}
main();
