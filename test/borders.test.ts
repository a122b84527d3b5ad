/** Compares the table of rooms in ARCHITECTURE.md with the imports in the code. */
import assert from 'node:assert/strict';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import { test } from 'node:test';

const ROOT = join(import.meta.dirname, '..');
const SOURCES = '**/*.{ts,tsx,astro,mdx}';
/** Maximum number of source files directly in a folder. */
const MAX_FILES = 15;
const SPECIFIER = /(?:from|import)\s*\(?\s*['"](\.{1,2}\/[^'"?]+)/g;

interface Room {
  readonly folder: string;
  /** Undefined if it may import every room. */
  readonly imports: ReadonlySet<string> | undefined;
}

const rooms = readRooms();

test('each folder imports exactly the rooms that ARCHITECTURE.md lists for it', () => {
  const found = new Map(rooms.map(({ folder }) => [folder, new Map<string, string>()]));
  for (const file of globSync(SOURCES, { cwd: ROOT, exclude: isIgnored })) {
    if (file.endsWith('.test.ts')) continue;
    const from = roomOf(file);
    if (from?.imports === undefined) continue;
    for (const target of importsOf(file)) {
      const to = roomOf(target);
      if (to === undefined || to === from) continue;
      found.get(from.folder)?.set(to.folder, `${file} imports ${target}`);
    }
  }
  const differences: string[] = [];
  for (const { folder, imports } of rooms) {
    const actual = found.get(folder) ?? new Map<string, string>();
    if (imports === undefined) continue;
    for (const [to, example] of actual) {
      if (!imports.has(to)) differences.push(`${folder} must not import ${to}: ${example}`);
    }
    for (const to of imports) {
      if (!actual.has(to)) differences.push(`${folder} no longer imports ${to}: update the table`);
    }
  }
  assert.deepEqual(differences, []);
});

test('every source file belongs to a room that ARCHITECTURE.md describes', () => {
  const strays = globSync(SOURCES, { cwd: ROOT, exclude: isIgnored }).filter(
    (file) => file.includes('/') && roomOf(file) === undefined,
  );
  assert.deepEqual(strays, []);
});

test('no two exported types share a name', () => {
  const declared = globSync(SOURCES, { cwd: ROOT, exclude: isIgnored })
    // The runtime inside the JavaScript engine implements web APIs under their standard names.
    .filter((file) => !file.startsWith('sdk/javascript/runtime/'))
    .flatMap((file) =>
      Array.from(
        readFileSync(join(ROOT, file), 'utf8').matchAll(
          /^export (?:abstract )?(?:type|interface|class) (\w+)/gm,
        ),
        ([, name = '']) => ({ name, file }),
      ),
    );
  const places = Map.groupBy(declared, ({ name }) => name);
  assert.ok(places.size > 100);
  assert.deepEqual(
    [...places.values()].filter((each) => each.length > 1),
    [],
  );
});

test('no folder has so many source files that a reader cannot find one', () => {
  const sources = globSync('**/*.{ts,tsx,astro}', { cwd: ROOT, exclude: isIgnored }).filter(
    (file) => !file.endsWith('.test.ts'),
  );
  const folders = Map.groupBy(sources, (file) => posix.dirname(file));
  const crowded = [...folders].filter(([, files]) => files.length > MAX_FILES);
  assert.deepEqual(
    crowded.map(([folder, files]) => `${folder}: ${files.length}`),
    [],
  );
});

test('each path that ARCHITECTURE.md names for an addition exists', () => {
  const text = readFileSync(join(ROOT, 'ARCHITECTURE.md'), 'utf8');
  const table = text.slice(text.indexOf('## To add'));
  const paths = [...table.matchAll(/`([a-z-]+\/[^` ]*)`/g)].map(([, path = '']) => path);
  assert.ok(paths.length > 15);
  // Up to the first placeholder, such as RESOURCE or NAME.ts.
  const missing = paths.filter((path) => !existsSync(join(ROOT, path.replace(/[A-Z]{2}.*$/, ''))));
  assert.deepEqual(missing, []);
});

/** Rows of the table: `| `folder/` | what it is | `room/`, `room/` or nothing or everything |`. */
function readRooms(): Room[] {
  const text = readFileSync(join(ROOT, 'ARCHITECTURE.md'), 'utf8');
  const rows = [...text.matchAll(/^\| `([a-z/-]+)\/` \|.*\| ([^|]+) \|$/gm)];
  assert.ok(rows.length > 10, 'ARCHITECTURE.md has a table of rooms');
  return rows.map(([, folder = '', imports = '']) => ({
    folder,
    imports:
      imports.trim() === 'everything'
        ? undefined
        : new Set(Array.from(imports.matchAll(/`([a-z/-]+)\/`/g), ([, room = '']) => room)),
  }));
}

function roomOf(file: string): Room | undefined {
  return rooms
    .filter(({ folder }) => file.startsWith(`${folder}/`))
    .reduce<Room | undefined>(
      (best, room) => (best === undefined || room.folder.length > best.folder.length ? room : best),
      undefined,
    );
}

function importsOf(file: string): string[] {
  const text = readFileSync(join(ROOT, file), 'utf8');
  return Array.from(text.matchAll(SPECIFIER), ([, specifier = '']) =>
    posix.normalize(posix.join(posix.dirname(file), specifier)),
  );
}

function isIgnored(name: string): boolean {
  return name === 'node_modules' || name === 'dist' || name.startsWith('.');
}
