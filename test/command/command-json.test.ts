/** `--json` of every subcommand: one value, or one per line, on standard output, and errors as JSON on standard error. */
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import { loadCommands, type NamedCommand } from '../../cli/parser/commands.ts';
import { EXIT_CODES } from '../../cli/exit-codes.ts';
import type { Database } from '../../server/db/connection/database.ts';
import { quarantine } from '../../server/db/handlers/standing.ts';
import { field, textField } from '../setup/servers/api-server.ts';
import {
  answering,
  firstOf,
  makeToken,
  newAuthor,
  newPerson,
  startServer,
  type Person,
} from '../setup/command.ts';
import { onAnyDatabase } from '../setup/servers/databases.ts';

/** The objects that the command lines below use. */
interface World {
  readonly ada: Person;
  readonly root: Person;
  readonly bob: Person;
  /** A token that no other command uses. */
  readonly spare: string;
  readonly execution: string;
}

interface Line {
  readonly argv: readonly string[];
  readonly as?: Person;
  readonly stdin?: string;
  /** It ends with Ctrl-C after the first line of output. */
  readonly endless?: true;
}

/** The command lines, ordered so that each finds what it needs. A command without a line fails the test. */
function linesFor(world: World): Readonly<Record<string, Line>> {
  const { root, bob, spare, execution } = world;
  return {
    whoami: { argv: [] },
    init: { argv: ['made', '--language', 'wat'] },
    build: { argv: [] },
    run: { argv: ['greeter.wasm'] },
    dev: { argv: ['--port', '0'], endless: true },
    doctor: { argv: [] },
    completion: { argv: ['bash'] },
    namegen: { argv: [] },
    deploy: { argv: ['greeter.wasm', '--name', 'fresh'] },
    list: { argv: [] },
    show: { argv: ['greeter'] },
    invoke: { argv: ['greeter'] },
    executions: { argv: ['greeter'] },
    execution: { argv: [execution] },
    logs: { argv: ['greeter'] },
    versions: { argv: ['greeter'] },
    rollback: { argv: ['greeter', '--to', '1'] },
    'config set': { argv: ['greeter', '-'], stdin: 'COLOUR=green\n' },
    'config list': { argv: ['greeter'] },
    'config unset': { argv: ['greeter', 'COLOUR'] },
    'policy check': { argv: ['good.policy'] },
    'policy set': { argv: ['greeter', '--file', 'good.policy'] },
    'policy show': { argv: ['greeter'] },
    'tokens create': { argv: ['ci'] },
    'tokens list': { argv: [] },
    'tokens revoke': { argv: [idOf(spare)] },
    open: { argv: ['panel', '--print'] },
    apply: { argv: ['Something that greets.'], as: bob },
    'admin applications': { argv: [], as: root },
    'admin approve': { argv: ['APPLICATION'], as: root },
    'admin refuse': { argv: ['APPLICATION'], as: root },
    'admin users': { argv: [], as: root },
    'admin tier': { argv: ['bob', '1'], as: root },
    'admin lock': { argv: ['bob', 'He mines coins.'], as: root },
    'admin unlock': { argv: ['bob'], as: root },
    'admin lift': { argv: ['greeter', '1'], as: root },
    delete: { argv: ['fresh', '--yes'] },
    restore: { argv: ['fresh'] },
    login: { argv: ['--token', '-'], stdin: world.ada.env['TRISIEL_TOKEN'] ?? '' },
    // The token saved by login is still in use.
    logout: { argv: ['--keep-token'] },
  };
}

function idOf(token: string): string {
  const payload: unknown = JSON.parse(
    Buffer.from(token.split('.')[1] ?? '', 'base64url').toString(),
  );
  return textField(payload, 'jti');
}

async function check(world: World, { words, spec }: NamedCommand, line: Line): Promise<void> {
  const interrupt = new AbortController();
  const person = line.as ?? world.ada;
  const { code, stdout, stderr } = await person.run([...words, ...line.argv, '--json'], {
    signal: interrupt.signal,
    ...(line.stdin === undefined ? {} : { stdin: line.stdin }),
    onOutput: () => {
      if (line.endless === true) interrupt.abort();
    },
  });
  assert.equal(code, line.endless === true ? EXIT_CODES.interrupted.code : 0, stderr + stdout);
  const values = spec.streams === true ? stdout.trimEnd().split('\n') : [stdout];
  for (const value of values) assert.doesNotThrow(() => void JSON.parse(value), value);
  // Standard error contains only JSON too.
  for (const each of stderr.split('\n')) if (each !== '') JSON.parse(each);
}

async function quarantineFirstVersion(db: Database, owner: Person): Promise<void> {
  const ownerId = textField(await owner.json(['whoami']), 'id');
  const version = firstOf(await owner.json(['versions', 'greeter']));
  const module = { ownerId, digest: textField(version, 'digest') };
  await db.transaction((tx) => quarantine(tx, [module], 'memory', 24));
}

suite('--json', () => {
  const databases = onAnyDatabase();

  test('of every subcommand', async (t) => {
    const db = await databases.migrated(t);
    assert.ok(db);
    const server = await startServer(t, db);
    const ada = await newAuthor(t, server, 'ada');
    const root = await newAuthor(t, server, 'root', { isAdmin: true });
    const bob = await newAuthor(t, server, 'bob', { tier: 0 });
    const carol = await newAuthor(t, server, 'carol', { tier: 0 });
    await writeFile(join(ada.home, 'greeter.wasm'), await answering('hello'));
    await writeFile(join(ada.home, 'main.wat'), '(module (func (export "_start")))');
    await writeFile(join(ada.home, 'good.policy'), 'disallow ^file://\n');
    const deployed = await ada.json(['deploy', 'greeter.wasm', '--name', 'greeter']);
    const execution = textField(field(deployed, 'answer'), 'executionId');
    const spare = await makeToken(server, 'ada');
    const world: World = { ada, root, bob, spare, execution };
    const lines = linesFor(world);
    const { commands } = await loadCommands();
    const byName = new Map(commands.map((each) => [each.words.join(' '), each]));
    assert.deepEqual(Object.keys(lines).sort(), [...byName.keys()].sort(), 'a line each');

    for (const [name, line] of Object.entries(lines)) {
      const command = byName.get(name);
      assert.ok(command);
      await t.test(`${name} ${line.argv.join(' ')}`, async () => {
        let { argv } = line;
        if (name === 'admin lift') await quarantineFirstVersion(db, ada);
        if (argv.includes('APPLICATION')) {
          if (name === 'admin refuse') await carol.must(['apply', 'Something else that greets.']);
          const pending = await root.json(['admin', 'applications']);
          argv = [textField(Array.isArray(pending) ? pending[0] : undefined, 'id')];
        }
        await check(world, command, { ...line, argv });
      });
    }
  });

  test('errors of every subcommand are JSON on standard error, and standard output is empty', async (t) => {
    const { commands } = await loadCommands();
    const nobody = await newPerson(t, { TRISIEL_SERVER: 'http://127.0.0.1:9' });
    for (const { words } of commands) {
      const { code, stdout, stderr } = await nobody.run([...words, '--json', '--no-such-option']);
      assert.equal(code, EXIT_CODES.usage.code, words.join(' '));
      assert.equal(stdout, '');
      assert.equal(field(JSON.parse(stderr), 'code'), 'usage');
    }
  });

  test('every subcommand has help', async () => {
    const { commands } = await loadCommands();
    for (const { words, spec } of commands) {
      const name = words.join(' ');
      assert.ok(spec.summary.length > 0 && !spec.summary.endsWith('.'), `${name}: summary`);
      assert.ok(spec.description.endsWith('.'), `${name}: description`);
      assert.ok(spec.json.endsWith('.'), `${name}: json`);
      assert.ok(spec.examples.length > 0 && spec.exits.length > 0, `${name}: examples and exits`);
      for (const { line } of spec.examples) assert.ok(line.includes('trisiel'), `${name}: ${line}`);
      for (const [option, each] of Object.entries(spec.options)) {
        assert.ok(each.description.endsWith('.'), `${name} --${option}`);
      }
    }
  });
});
