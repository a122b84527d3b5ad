// A slow response: each line is sent as it is written, with a sleep in between.
// While this program sleeps it uses no gas: the host suspends it and runs others.
import { Request, Response, sleep, stdout } from 'olin';

const PAUSE_MS = 200;
const LARGEST = 20;

const request = new Request();
const asked = parseInt(request.queryOr('from', '5'));

if (isNaN(asked) || asked < 0 || asked > LARGEST) {
  new Response(400).send('text/plain; charset=utf-8', `Give a number from 0 to ${LARGEST}: /?from=5\n`);
} else {
  // start() sends the headers. What follows is the body, whose length is not known yet.
  new Response(200).start('text/plain; charset=utf-8');
  for (let i = <i32>asked; i > 0; i--) {
    stdout.write(`${i} …\n`);
    stdout.flush();
    sleep(PAUSE_MS);
  }
  stdout.write('Lift-off!\n');
}
