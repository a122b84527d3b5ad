/** Control groups, on a folder that imitates what the kernel mounts at `/sys/fs/cgroup`. */
import assert from 'node:assert/strict';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { MemoryGroups } from './memory-groups.ts';

const PATH = '/system.slice/trisiel-executor.service';
const MEMBERSHIP = `0::${PATH}\n`;
/** Process ids of the server and the program that started it. */
const PIDS = [4000, 4001];

interface Imitation {
  readonly root: string;
  /** The delegated group. */
  readonly group: string;
}

function imitate(t: TestContext, files: Readonly<Record<string, string>> = {}): Imitation {
  const root = mkdtempSync(join(tmpdir(), 'trisiel-cgroup-'));
  t.after(() => rmSync(root, { recursive: true }));
  const group = join(root, PATH);
  mkdirSync(group, { recursive: true });
  const all = {
    'cgroup.controllers': 'memory pids\n',
    'cgroup.procs': `${PIDS.join('\n')}\n`,
    'cgroup.subtree_control': '',
    ...files,
  };
  for (const [name, text] of Object.entries(all)) writeFileSync(join(group, name), text);
  return { root, group };
}

function open(root: string, membership = MEMBERSHIP) {
  return MemoryGroups.open({ root, membership, pids: PIDS });
}

function reasonOf(opened: ReturnType<typeof open>): string {
  assert.ok(!(opened instanceof MemoryGroups), 'it was opened');
  return opened.reason;
}

const text = (...path: readonly string[]): string => readFileSync(join(...path), 'utf8');

test('each process gets a group with its limit, and the server moves out of the way', (t) => {
  const { root, group } = imitate(t);
  const groups = open(root);
  assert.ok(groups instanceof MemoryGroups);
  assert.equal(text(group, 'cgroup.subtree_control'), '+memory');
  assert.equal(text(group, 'trisiel-server', 'cgroup.procs'), '4001', 'the last one to move');
  const added = groups.add(5000, 3 * 1024 ** 3);
  assert.ok(added);
  const [name = ''] = readdirSync(group).filter((each) => /^trisiel-\d/.test(each));
  assert.equal(text(group, name, 'memory.max'), String(3 * 1024 ** 3));
  assert.equal(text(group, name, 'cgroup.procs'), '5000');
  assert.equal(added.wasExceeded(), false);
  writeFileSync(join(group, name, 'memory.events'), 'max 12\noom 1\noom_kill 1\n');
  assert.equal(added.wasExceeded(), true);
  // The kernel removes its files together with the folder.
  for (const file of readdirSync(join(group, name))) rmSync(join(group, name, file));
  added.remove();
  assert.equal(existsSync(join(group, name)), false);
});

test('a process that cannot be moved runs without a group', (t) => {
  const { root, group } = imitate(t);
  const groups = open(root);
  assert.ok(groups instanceof MemoryGroups);
  mkdirSync(join(group, `trisiel-${process.pid}-1`));
  assert.equal(groups.add(5000, 1024), undefined);
  assert.ok(groups.add(5001, 1024), 'the next one is not affected');
});

test('a system without cgroup v2, or without the memory controller, is left as it is', (t) => {
  const { root, group } = imitate(t);
  assert.match(reasonOf(open(root, '3:memory:/user\n1:name=systemd:/user\n')), /no cgroup v2/);
  assert.match(reasonOf(open(join(root, 'nothing'))), /no cgroup v2/);
  writeFileSync(join(group, 'cgroup.controllers'), 'cpu pids\n');
  assert.match(reasonOf(open(root)), /memory controller is not delegated/);
  assert.equal(existsSync(join(group, 'trisiel-server')), false);
});

test('the shell of whoever started the server is not moved', (t) => {
  const { root, group } = imitate(t, { 'cgroup.procs': `3999\n${PIDS.join('\n')}\n` });
  assert.match(reasonOf(open(root)), /other programs/);
  assert.equal(existsSync(join(group, 'trisiel-server')), false);
});

test('a group that is not writable is not an error, and the server moves back to it', (t) => {
  const readOnly = imitate(t);
  // A file in place of the folder, so that the server cannot create it.
  writeFileSync(join(readOnly.group, 'trisiel-server'), '');
  assert.match(reasonOf(open(readOnly.root)), /not delegated to this user \(EEXIST\)/);

  const refused = imitate(t);
  rmSync(join(refused.group, 'cgroup.subtree_control'));
  mkdirSync(join(refused.group, 'cgroup.subtree_control'));
  assert.match(reasonOf(open(refused.root)), /not delegated to this user \(EISDIR\)/);
  assert.equal(text(refused.group, 'cgroup.procs'), '4001', 'the last one to move back');
});
