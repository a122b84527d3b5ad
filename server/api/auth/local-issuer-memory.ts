/** What the local issuer remembers: in this process, for as long as each thing lives, and of bounded number. */
import type { Adapter, AdapterPayload } from 'oidc-provider';

interface Kept {
  readonly payload: AdapterPayload;
  readonly endsAt: number;
}

/** Things kept; past it the oldest are forgotten. */
const KEPT = 10_000;
/** Of what has no end of its own. */
const LIFE_SECONDS = 600;

/** One memory for one provider; each model has its own part of it. */
export function createIssuerMemory(): (model: string) => Adapter {
  const things = new Map<string, Kept>();

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
      if (things.size > KEPT && oldest !== undefined) things.delete(oldest);
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
