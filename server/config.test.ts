import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readConfig } from './config.ts';

const PORTS = { web: 4000, run: 4001 };
const wrong = (env: Record<string, string>) => () => readConfig(env, PORTS);

test('an invalid setting stops the server with its name and the allowed values, without repeating a secret', () => {
  assert.throws(wrong({ KEEP_DAYS: '40000' }), {
    name: 'ConfigError',
    message: 'KEEP_DAYS is 40000; it may be from 0 to 36500.',
  });
  assert.throws(wrong({ KEEP_DAYS: '1e3' }), /^ConfigError: KEEP_DAYS is not valid\. Days /);
  assert.throws(wrong({ TRUST_PROXY: 'yes' }), /^ConfigError: TRUST_PROXY is not valid\./);
  assert.throws(
    wrong({ METRICS_TOKEN: 'secret' }),
    ({ message }: Error) =>
      !message.includes('secret') && message.startsWith('METRICS_TOKEN is not valid.'),
  );
  assert.throws(
    wrong({ S3_ENDPOINT: 'https://s3.example' }),
    /S3_BUCKET is not set, and S3_ENDPOINT/,
  );
});

test('an empty variable counts as unset', () => {
  const config = readConfig({ KEEP_DAYS: '', ADMINS: '', JOURNAL_SYNC: '' }, PORTS);
  assert.deepEqual(
    [config.keepDays, config.admins, config.journalSync],
    [30, ['admin'], 'interval'],
  );
  assert.equal(config.guestProcessBytes, 3072 * 1024 ** 2);
  assert.deepEqual(
    readConfig({ ALLOWED_ORIGINS: ' https://a.example/ ,,' }, PORTS).allowedOrigins,
    ['http://localhost:4000', 'https://a.example'],
  );
});
