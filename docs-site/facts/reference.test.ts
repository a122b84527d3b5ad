import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FUNCTIONS } from '../../olin/index.ts';
import { functionLink, signatures } from './reference.ts';

test('every system call has a signature with its name in every language', () => {
  for (const name of FUNCTIONS.keys()) {
    const found = signatures(name);
    assert.deepEqual(
      found.map(({ label }) => label),
      ['WAT', 'AssemblyScript', 'Rust', 'Zig', 'C'],
    );
    for (const { label, code } of found) assert.ok(code.includes(name), `${name} in ${label}`);
  }
});

test('the WAT import declares pointers and lengths as i32', () => {
  const wat = signatures('resource_open').find(({ label }) => label === 'WAT')?.code;
  assert.equal(
    wat,
    '(import "cwa" "resource_open"\n  (func $resource_open (param $url_base i32) (param $url_len i32) (result i32)))',
  );
});

test('a link to a system call leads to its section on the page of its namespace', () => {
  assert.equal(functionLink('runtime_spec_major'), '/reference/runtime/#runtime_spec_major');
  assert.throws(() => functionLink('resource_opne'), /resource_opne is not in olin\/abi/);
});
