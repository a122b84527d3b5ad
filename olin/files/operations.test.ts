/** The same random calls on files in memory and on those of the system, which is the reference for errors. */
import assert from 'node:assert/strict';
import { constants, promises as fs, type Stats } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { FileError } from './file-error.ts';
import { FileTree } from './file-tree.ts';
import {
  createDirectory,
  createLink,
  findNode,
  linkFile,
  openNode,
  readLink,
  removeDirectory,
  rename,
  unlinkFile,
  type GuestPath,
} from './operations.ts';
import type { DirectoryNode } from './nodes.ts';
import { MemoryHost } from './memory-host.ts';

const utf8 = new TextEncoder();
/** Errors of WASI that the system has by another name, or only for another reason. */
const ALIKE: Readonly<Record<string, string>> = { eperm: 'perm', eacces: 'perm' };

async function outcomeOf(call: () => unknown): Promise<string> {
  try {
    const value = await call();
    return typeof value === 'string' ? value : 'ok';
  } catch (error) {
    if (error instanceof FileError) return error.code;
    if (error instanceof Error && 'code' in error) {
      const code = String(error.code).toLowerCase();
      return ALIKE[code] ?? code.replace(/^e/, '');
    }
    throw error;
  }
}

/** One call, in memory and on the system. */
interface Step {
  readonly text: string;
  inMemory(): unknown;
  onSystem(): unknown;
}

function steps(root: DirectoryNode, host: MemoryHost, folder: string, pick: () => string): Step[] {
  const at = (text: string): GuestPath => ({ from: root, bytes: utf8.encode(text) });
  const on = (text: string): string => `${folder}/${text}`;
  const [a, b] = [pick(), pick()];
  // What a link leads to is below the folder, so that no path with `..` leaves it.
  const target = /^[abc](?:\/[abc])*$/.exec(b)?.[0] ?? 'b';
  const wish = { follow: true, directory: false, truncate: false, writes: false };
  return [
    {
      text: `mkdir ${a}`,
      inMemory: () => createDirectory(at(a), host),
      onSystem: () => fs.mkdir(on(a)),
    },
    {
      text: `rmdir ${a}`,
      inMemory: () => removeDirectory(at(a), host),
      onSystem: () => fs.rmdir(on(a)),
    },
    {
      text: `unlink ${a}`,
      inMemory: () => unlinkFile(at(a), host),
      onSystem: () => fs.unlink(on(a)),
    },
    {
      text: `rename ${a} ${b}`,
      inMemory: () => rename(at(a), at(b), host),
      onSystem: () => fs.rename(on(a), on(b)),
    },
    {
      text: `link ${a} ${b}`,
      inMemory: () => linkFile(at(a), at(b), host),
      onSystem: () => fs.link(on(a), on(b)),
    },
    {
      text: `symlink ${target} ${a}`,
      inMemory: () => createLink(utf8.encode(target), at(a), host),
      onSystem: () => fs.symlink(target, on(a)),
    },
    {
      text: `readlink ${a}`,
      inMemory: () => readLink(at(a), host),
      onSystem: () => fs.readlink(on(a)),
    },
    {
      text: `stat ${a}`,
      inMemory: () => findNode(at(a), true, host).kind,
      onSystem: async () => kindOf(await fs.stat(on(a))),
    },
    {
      text: `lstat ${a}`,
      inMemory: () => findNode(at(a), false, host).kind,
      onSystem: async () => kindOf(await fs.lstat(on(a))),
    },
    ...[false, true].map((exclusive) => ({
      text: `create ${a}${exclusive ? ', exclusive' : ''}`,
      inMemory: () => void openNode(at(a), { ...wish, create: true, exclusive }, host),
      onSystem: async () => {
        const flags = constants.O_CREAT | constants.O_RDONLY | (exclusive ? constants.O_EXCL : 0);
        await (await fs.open(on(a), flags)).close();
      },
    })),
    {
      text: `open ${a} without following`,
      inMemory: () =>
        void openNode(at(a), { ...wish, follow: false, create: false, exclusive: false }, host),
      onSystem: async () => {
        await (await fs.open(on(a), constants.O_RDONLY | constants.O_NOFOLLOW)).close();
      },
    },
  ];
}

function kindOf(stat: Stats): string {
  if (stat.isDirectory()) return 'directory';
  return stat.isSymbolicLink() ? 'link' : 'file';
}

const NAMES = [
  'a',
  'b',
  'c',
  'a/b',
  'b/c',
  'c/a',
  'a/b/c',
  'b/../a',
  'c/./b',
  'a/',
  'b/c/',
  '.',
  'a/..',
  'a/.',
];

test('calls succeed, fail and leave behind what they do on Linux', async (context) => {
  if (process.platform !== 'linux') {
    return context.diagnostic('not run: other systems have other errors');
  }
  const folder = await fs.mkdtemp(join(tmpdir(), 'olin-files-'));
  context.after(() => fs.rm(folder, { recursive: true, force: true }));
  let state = 20_261_129;
  const below = (bound: number): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * bound);
  };
  for (let round = 0; round < 40; round++) {
    const own = join(folder, String(round));
    await fs.mkdir(own);
    const root = new FileTree([]).copy(2n, 0n);
    const host = new MemoryHost();
    const done: string[] = [];
    for (let step = 0; step < 80; step++) {
      const choices = steps(root, host, own, () => NAMES[below(NAMES.length)] ?? 'a');
      const chosen = choices[below(choices.length)];
      if (chosen === undefined) continue;
      const mine = await outcomeOf(() => chosen.inMemory());
      const systems = await outcomeOf(() => chosen.onSystem());
      done.push(`${chosen.text}: ${systems}`);
      assert.equal(mine, systems, done.slice(-30).join('\n'));
    }
  }
});
