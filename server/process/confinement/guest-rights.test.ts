import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readConfig } from '../../config.ts';
import { Confinement } from './confinement.ts';
import { confineGuest, guestEnvironment } from './guest-rights.ts';

test('an executor process gets the settings of an executor, and no other secrets of the server’s environment', () => {
  const env = {
    DATABASE_URL: 'postgres://executor@localhost/trisiel',
    OIDC_ISSUER: 'https://id.example.org',
    OIDC_CLIENT_ID: 'trisiel',
    OIDC_CLIENT_SECRET: 'the sign-in secret',
    AWS_SECRET_ACCESS_KEY: 'of something else',
    NODE_OPTIONS: '--inspect',
    LD_PRELOAD: '/tmp/evil.so',
    PGSSLMODE: 'verify-full',
    TRISIEL_PROCESS: 'guest',
    KEEP_DAYS: undefined,
  };
  const given = guestEnvironment(env);
  assert.deepEqual(Object.keys(given).sort(), [
    'DATABASE_URL',
    'OIDC_CLIENT_ID',
    'OIDC_CLIENT_SECRET',
    'OIDC_ISSUER',
    'PGSSLMODE',
    'TRISIEL_PROCESS',
  ]);
  assert.doesNotMatch(JSON.stringify(given), /the sign-in secret|of something else/);
  // The configuration is complete without it.
  assert.equal(readConfig(given, { web: 1, run: 2 }).issuer?.clientSecret, 'withheld');
});

test('an executor process can write only journals in the data folder', () => {
  const config = readConfig({ DATA_DIR: '/data' }, { web: 4000, run: 4001 });
  const confinement = new Confinement(
    { privileges: false, capabilities: false, files: false, systemCalls: false, memory: false },
    'darwin',
  );
  const plain = { prefix: [], nodeArgs: ['--stack-size=900'], env: { RUN_PORT: '4001' } };
  const { nodeArgs } = confineGuest(plain, { config, confinement });
  assert.deepEqual(
    nodeArgs.filter((each) => each.startsWith('--allow-fs-write')),
    ['--allow-fs-write=/data/runs'],
  );
  assert.ok(!nodeArgs.some((each) => /--allow-(child|worker|addons|ffi|wasi)/.test(each)));
  assert.ok(nodeArgs.includes('--allow-net') && nodeArgs.includes('--stack-size=900'));
});
