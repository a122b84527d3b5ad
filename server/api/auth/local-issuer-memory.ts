/** The local issuer's storage: in memory, with expiry, and bounded in size. */
import type { Adapter, AdapterPayload } from 'oidc-provider';

interface StoredEntry {
  readonly payload: AdapterPayload;
  readonly endsAt: number;
}

/** Maximum number of entries; beyond it the oldest are evicted. */
const MAX_ENTRIES = 10_000;
/** Lifetime of entries that set none. */
const LIFE_SECONDS = 600;

/** Creates the storage of one provider. Keys are prefixed with the model, so models share it. */
export function createIssuerMemory(): (model: string) => Adapter {
  const things = new Map<string, StoredEntry>();

  const read = (key: string): AdapterPayload | undefined => {
    const kept = things.get(key);
    if (kept !== undefined && kept.endsAt > Date.now()) return kept.payload;
    things.delete(key);
    return undefined;
  };
  const findBy = (
    model: string,
    matches: (payload: AdapterPayload) => boolean,
  ): AdapterPayload | undefined => {
    for (const key of things.keys()) {
      const payload = key.startsWith(`${model} `) ? read(key) : undefined;
      if (payload !== undefined && matches(payload)) return payload;
    }
    return undefined;
  };
  return (model) => ({
    async upsert(id, payload, expiresInSeconds = LIFE_SECONDS) {
      things.delete(`${model} ${id}`);
      things.set(`${model} ${id}`, { payload, endsAt: Date.now() + expiresInSeconds * 1000 });
      const [oldest] = things.keys();
      if (things.size > MAX_ENTRIES && oldest !== undefined) things.delete(oldest);
    },
    find: async (id) => read(`${model} ${id}`),
    findByUid: async (uid) => findBy(model, (payload) => payload.uid === uid),
    findByUserCode: async (code) => findBy(model, (payload) => payload.userCode === code),
    async consume(id) {
      const kept = things.get(`${model} ${id}`);
      if (kept !== undefined) kept.payload.consumed = Math.floor(Date.now() / 1000);
    },
    async destroy(id) {
      things.delete(`${model} ${id}`);
    },
    async revokeByGrantId(grantId) {
      for (const [key, { payload }] of things) if (payload.grantId === grantId) things.delete(key);
    },
  });
}
