/** The check that an upload gets, on thousands of modules that no server should take. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { InputError } from '../../olin/index.ts';
import { checkBytes } from '../../server/api/module-check/check-bytes.ts';
import { hostileModules } from '../setup/hostile-modules.ts';

/** Valid, and more than any tier allows: the API refuses it afterwards. */
const FOR_THE_TIER = '4 GiB of memory';

test('every hostile module is refused in a sentence that its author can act on', async (t) => {
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
