/** Loaded into each test file's process, before the test runner. */
import hooks from 'node:async_hooks';

/**
 * The test runner follows each promise to the test that created it, so that it can name the test of an uncaught error.
 * That costs up to 40 % of a file's CPU time. Without it such an error still fails its file, and is printed in full.
 */
const { createHook } = hooks;
Object.assign(hooks, {
  createHook: (callbacks: hooks.HookCallbacks): hooks.AsyncHook =>
    createHook({ ...callbacks, trackPromises: false }),
});

/**
 * Ends a process that does not exit after its tests, and prints what kept it open: a forgotten server would otherwise
 * block the whole run without a message.
 */
const DEADLINE_MS = Number(process.env['TEST_FILE_DEADLINE_MS'] ?? 420_000);

if (process.env['NODE_TEST_CONTEXT'] !== undefined) {
  setTimeout(() => {
    const kept = new Set(process.getActiveResourcesInfo());
    process.stderr.write(
      `${process.argv[1]} did not exit within ${DEADLINE_MS / 1000} s. Still open: ${[...kept].join(', ')}.\n`,
    );
    process.exit(1);
  }, DEADLINE_MS).unref();
}
