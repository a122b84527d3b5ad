/** The upload check, on thousands of modules that no server should accept. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { InputError } from '../../olin/index.ts';
import { checkBytes } from '../../server/api/module-check/check-bytes.ts';
import { hostileModules } from '../setup/hostile-modules.ts';

/** Valid, but above the limits of every tier: the API refuses it later. */
const FOR_THE_TIER = '4 GiB of memory';

test('every hostile module is refused with an error message that its author can act on', async (t) => {
  const modules = hostileModules(t).filter(({ name }) => name !== FOR_THE_TIER);
  assert.ok(modules.length > 1000, `${modules.length} hostile modules`);
  for (const { name, bytes } of modules) {
    const error = await checkBytes(bytes).then(
      () => assert.fail(`${name} was accepted`),
      (thrown: unknown) => thrown,
    );
    assert.ok(error instanceof InputError, `${name}: ${String(error)}`);
    assert.match(error.message, /^[A-Z].{15,}\.$/s, name);
  }
});
