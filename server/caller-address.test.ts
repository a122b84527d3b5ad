import assert from 'node:assert/strict';
import { test } from 'node:test';
import { callerOf, isLocal } from './caller-address.ts';

test('all addresses of an IPv6 /64 network are one caller', () => {
  const same = [
    '2001:db8:1:2::1',
    '2001:DB8:1:2:ffff::9',
    '2001:0db8:0001:0002:3:4:5:6',
    '2001:db8:1:2::',
  ];
  assert.deepEqual([...new Set(same.map(callerOf))], ['2001:db8:1:2::/64']);
  assert.equal(callerOf('2001:db8:1:3::1'), '2001:db8:1:3::/64');
  assert.equal(callerOf('::ffff:192.0.2.1'), '192.0.2.1');
  assert.equal(callerOf('fe80::1%eth0'), 'fe80:0:0:0::/64');
  assert.equal(callerOf('64:ff9b::192.0.2.33'), '64:ff9b:0:0::/64');
  assert.equal(callerOf('x'.repeat(9000)).length, 64);
});

test('callers on this machine are recognized', () => {
  for (const address of ['127.0.0.1', '127.8.8.8', '::1', '::ffff:127.0.0.1']) {
    assert.ok(isLocal(address), address);
  }
  for (const address of ['192.0.2.1', '::', '10.127.0.1', 'x127.0.0.1']) {
    assert.ok(!isLocal(address), address);
  }
});
