/** Logs problems with the store at startup, without delaying it: they may be temporary. */
import type { Logger } from 'pino';
import type { ObjectStore } from './store.ts';

/** Never rejects. */
export async function reportStore(store: Pick<ObjectStore, 'check'>, log: Logger): Promise<void> {
  await store.check().catch((error: unknown) => {
    log.error(
      { err: error },
      'the object store is unavailable; modules cannot be loaded or stored',
    );
  });
}
