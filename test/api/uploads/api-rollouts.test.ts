/** Executors report when a deployment has taken effect. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { pino } from 'pino';
import { Handlers } from '../../../server/executor/handlers/handlers.ts';
import type { ObjectStore } from '../../../server/store/store.ts';
import { makeAuthor } from '../../setup/api-runs.ts';
import { field, type Browser, type Reply } from '../../setup/servers/api-server.ts';
import { atEnd } from '../../setup/at-end.ts';
import { onOneDatabase } from '../../setup/servers/databases.ts';

const ROOT = join(import.meta.dirname, '../../..');
const read = (example: string): Uint8Array<ArrayBuffer> =>
  Uint8Array.from(readFileSync(join(ROOT, `examples/${example}/module.wasm`)));
const hello = read('hello');
const other = read('hello-wat');

function deploy(
  who: Browser,
  deployment: object,
  module?: Uint8Array<ArrayBuffer>,
  headers: Readonly<Record<string, string>> = {},
): Promise<Reply> {
  const body = new FormData();
  body.append('deployment', JSON.stringify(deployment));
  if (module !== undefined) body.append('module', new Blob([module]), 'module.wasm');
  return who.send('POST', '/api/deployments', { body, headers });
}

onOneDatabase('a rollout', (databases) => {
  test('is ready when all executors report the active version, without running the handler', async (t) => {
    const world = await makeAuthor(t, databases);
    if (world === undefined) return;
    const { author, db, api } = world;
    const ask = async (): Promise<unknown> => {
      const { body } = await author.send('GET', '/api/handlers/target/rollout');
      return [field(body, 'activeVersion'), field(body, 'executors'), field(body, 'ready')];
    };
    assert.deepEqual(await ask(), [null, 0, 0]);
    await deploy(author, { name: 'target' }, hello);
    assert.deepEqual(await ask(), [1, 0, 0], 'there is no executor to answer');

    const goOn = Promise.withResolvers<void>();
    let isHeld = false;
    const store: ObjectStore = {
      ...api.store,
      get: async (digest) => {
        if (isHeld) await goOn.promise;
        return api.store.get(digest);
      },
    };
    const log = pino({ level: 'silent' });
    const handlers = new Handlers({ db, store, sealer: api.sealer, log });
    await handlers.open();
    atEnd(t, () => handlers.close());
    assert.deepEqual(await ask(), [1, 1, 1], 'the next run loads the active version');
    const { versionId } = await handlers.find('target');
    isHeld = true;
    await deploy(author, { name: 'target' }, other);
    assert.deepEqual(await ask(), [2, 1, 0], 'the old version still answers');
    assert.equal((await handlers.find('target')).versionId, versionId);
    goOn.resolve();
    await until(async () => JSON.stringify(await ask()) === '[2,1,1]');
    assert.notEqual((await handlers.find('target')).versionId, versionId);
  });
});

async function until(isSo: () => boolean | Promise<boolean>): Promise<void> {
  const end = Date.now() + 20_000;
  while (!(await isSo())) {
    assert.ok(Date.now() < end, 'the condition did not become true in time');
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
