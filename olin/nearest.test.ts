import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nearest } from './nearest.ts';

const names = ['resource_open', 'resource_read', 'log_write', 'time_now', 'http', 'https', 'null'];

test('a misspelled word finds the intended name', () => {
  assert.equal(nearest('resource_opem', names), 'resource_open');
  assert.equal(nearest('log_wirte', names), 'log_write');
  assert.equal(nearest('LOG_WRITE', names), 'log_write');
  assert.equal(nearest('resourceRead', names), 'resource_read');
  assert.equal(nearest('nul', names), 'null');
});

test('a word that resembles no name finds nothing', () => {
  assert.equal(nearest('do_the_thing', names), undefined);
  assert.equal(nearest('', names), undefined);
  assert.equal(nearest('anything', []), undefined);
});

test('the closest of several names is found', () => {
  assert.equal(nearest('httpss', names), 'https');
  assert.equal(nearest('htp', names), 'http');
});

test('a very long word is compared only up to a bound', () => {
  assert.equal(nearest('x'.repeat(1_000_000), names), undefined);
});
