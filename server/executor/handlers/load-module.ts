/** Loads modules from the store, a limited number concurrently; a module in use is shared by the handlers that have it. */
import type { Logger } from 'pino';
import { loadMetered, meter, type RunnableModule } from '../../../olin/index.ts';
import type { OwnedModule } from '../../db/handlers/standing.ts';
import { digestOf, type ObjectStore } from '../../store/store.ts';

export interface ModuleLoaderOptions {
  readonly store: ObjectStore;
  readonly log: Logger;
  /** Called before a module is compiled. The returned function is called afterwards. */
  readonly onCompile?: (module: OwnedModule) => () => void;
}

/** A version's module in both forms: as uploaded, and metered. */
interface ModuleVersion {
  readonly digest: string;
  readonly meteredDigest: string;
}

interface LoadedModule {
  readonly module: RunnableModule;
  readonly bytes: number;
}

/** Modules loaded concurrently; compiling one takes several times its size in memory. */
const MAX_LOADING = 16;

export class ModuleLoader {
  readonly #options: ModuleLoaderOptions;
  /** Modules still in use, by digest: several handlers may share one. */
  readonly #modules = new Map<
    string,
    { readonly module: WeakRef<RunnableModule>; readonly bytes: number }
  >();
  #loading = 0;
  readonly #waiting: (() => void)[] = [];

  constructor(options: ModuleLoaderOptions) {
    this.#options = options;
  }

  /** Rejects if the store is unreachable, or lacks the module. */
  async load(version: ModuleVersion, ownerId: string): Promise<LoadedModule> {
    const { digest } = version;
    const known = this.#modules.get(digest);
    const module = known?.module.deref();
    if (known !== undefined && module !== undefined) return { module, bytes: known.bytes };
    const loaded = await this.#withLoadSlot(async () => {
      const done = this.#options.onCompile?.({ ownerId, digest });
      try {
        return (await this.#loadMetered(version)) ?? (await this.#meterAgain(version));
      } finally {
        done?.();
      }
    });
    this.#modules.set(digest, { module: new WeakRef(loaded.module), bytes: loaded.bytes });
    for (const [each, kept] of this.#modules) {
      if (kept.module.deref() === undefined) this.#modules.delete(each);
    }
    return loaded;
  }

  async #withLoadSlot<T>(work: () => Promise<T>): Promise<T> {
    if (this.#loading < MAX_LOADING) this.#loading += 1;
    else await new Promise<void>((resolve) => this.#waiting.push(resolve));
    try {
      return await work();
    } finally {
      const next = this.#waiting.shift();
      if (next === undefined) this.#loading -= 1;
      else next();
    }
  }

  /** Loads the metered module made at upload. The store verifies the digest. */
  async #loadMetered({ digest, meteredDigest }: ModuleVersion): Promise<LoadedModule | undefined> {
    try {
      const metered = await this.#options.store.get(meteredDigest);
      const module = metered && (await loadMetered(metered, digest));
      return module && { module, bytes: metered.length };
    } catch (error) {
      // A metered module that cannot be used is made again from the upload.
      this.#options.log.warn({ err: error, digest }, 'a metered module could not be loaded');
      return undefined;
    }
  }

  /** Meters the upload again; throws unless the result is identical to the checked bytes. */
  async #meterAgain({ digest, meteredDigest }: ModuleVersion): Promise<LoadedModule> {
    const bytes = await this.#options.store.get(digest);
    if (bytes === undefined) throw new Error(`the store has no module ${digest}`);
    const metered = meter(bytes);
    const module =
      (await digestOf(metered)) === meteredDigest
        ? await loadMetered(metered.slice(), digest)
        : undefined;
    if (module === undefined) throw new Error(`the module ${digest} was metered differently`);
    return { module, bytes: metered.length };
  }
}
