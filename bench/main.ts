/** `npm run bench -- NAME`: runs `bench/NAME.ts`. The last line of its output is the result. */
import { readdirSync } from 'node:fs';
import { nearest } from '../olin/nearest.ts';

const names = readdirSync(new URL('.', import.meta.url))
  .filter((file) => file.endsWith('.ts') && file !== 'main.ts')
  .map((file) => file.slice(0, -3))
  .sort();

const [name] = process.argv.slice(2);
if (name === undefined || !names.includes(name)) {
  const near = name === undefined ? undefined : nearest(name, names);
  const hint = near === undefined ? '' : ` Did you mean ${near}?`;
  process.stderr.write(`Usage: npm run bench -- NAME. Names: ${names.join(', ')}.${hint}\n`);
  process.exit(64);
}
const bench: { run(args: readonly string[]): Promise<void> } = await import(`./${name}.ts`);
await bench.run(process.argv.slice(3));
