/**
 * Loaded into each test file's process: one that does not end, though its tests may have, is ended, and says what kept
 * it. A forgotten server would otherwise hold up the whole run, and say nothing.
 */
const DEADLINE_MS = Number(process.env['TEST_FILE_DEADLINE_MS'] ?? 420_000);

if (process.env['NODE_TEST_CONTEXT'] !== undefined) {
  setTimeout(() => {
    const kept = new Set(process.getActiveResourcesInfo());
    process.stderr.write(
      `${process.argv[1]} did not end within ${DEADLINE_MS / 1000} s. What is still open: ${[...kept].join(', ')}.\n`,
    );
    process.exit(1);
  }, DEADLINE_MS).unref();
}
