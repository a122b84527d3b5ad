// Rolls dice: `3d6` means three dice with six sides. The host's random numbers are cryptographically secure.
import { args, exit, random, stderr, stdout } from 'olin';

const given = args();
const notation = given.length > 0 ? given[0] : '2d6';
const parts = notation.split('d');

const count = <i32>parseInt(parts[0]);
const sides = parts.length == 2 ? <i32>parseInt(parts[1]) : 0;

if (count < 1 || count > 100 || sides < 2 || sides > 1000) {
  stderr.write(`${notation} is no throw. Give a number of dice and of sides: 3d6\n`);
  exit(2);
}

let sum = 0;
const thrown: string[] = [];
for (let i = 0; i < count; i++) {
  // below(6) is 0 to 5, with equal probability.
  const pips = <i32>random.below(sides) + 1;
  sum += pips;
  thrown.push(pips.toString());
}
stdout.write(`${notation}: ${thrown.join(' + ')} = ${sum}\n`);
