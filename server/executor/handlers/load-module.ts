/**
 * Loads modules from the store, a limited number concurrently. Handlers whose modules have the same code share it compiled;
 * instances are shared by an owner's handlers with the same module only.
 */
import type { Logger } from 'pino';
import {
  loadMetered,
  prepareModule,
  toRunnable,
  type LoadedCode,
  type RunnableModule,
} from '../../../olin/index.ts';
import type { OwnedModule } from '../../db/handlers/standing.ts';
import type { StoredModule } from '../../db/handlers/versions.ts';
import { digestOf, type ObjectStore } from '../../store/store.ts';

export interface ModuleLoaderOptions {
  readonly store: ObjectStore;
  readonly log: Logger;
  /** Called before a module is compiled. The returned function is called afterwards. */
  readonly onCompile?: (module: OwnedModule) => () => void;
}

/** Compiled code, and how much memory it counts for wherever it is used. */
export interface CodeSize {
  /** The digest of the metered code. */
  readonly digest: string;
  readonly bytes: number;
}

interface LoadedModule {
  readonly module: RunnableModule;
  /** Bytes of its own: those of its image. */
  readonly bytes: number;
  readonly code: CodeSize;
}

interface Size {
  readonly bytes: number;
}

type Code = LoadedCode & Size;

/** Modules loaded concurrently; compiling one takes several times its size in memory. */
const MAX_LOADING = 16;

export class ModuleLoader {
  readonly #options: ModuleLoaderOptions;
  /** Modules still in use, by owner and digest. */
  readonly #modules = new WeakValues<RunnableModule, Omit<LoadedModule, 'module'>>();
  /** Code still in use, by the digest of the metered code. */
  readonly #codes = new WeakValues<WebAssembly.Module, Omit<LoadedCode, 'module'> & Size>();
  /** Code that is being loaded. */
  readonly #arriving = new Map<string, Promise<Code>>();
  #loading = 0;
  readonly #waiting: (() => void)[] = [];

  constructor(options: ModuleLoaderOptions) {
    this.#options = options;
  }

  /** Rejects if the store is unreachable, or lacks the module. */
  async load(version: StoredModule, ownerId: string): Promise<LoadedModule> {
    const key = `${ownerId} ${version.digest}`;
    const known = this.#modules.get(key);
    if (known !== undefined) return { module: known.value, ...known.about };
    const [code, image] = await Promise.all([
      this.#loadCode(version, ownerId),
      this.#loadImage(version),
    ]);
    const module = toRunnable(code, version.digest, image);
    const about = {
      bytes: image?.length ?? 0,
      code: { digest: version.meteredDigest, bytes: code.bytes },
    };
    this.#modules.set(key, module, about);
    return { module, ...about };
  }

  #loadCode(version: StoredModule, ownerId: string): Promise<Code> | Code {
    const { digest, meteredDigest } = version;
    const known = this.#codes.get(meteredDigest);
    if (known !== undefined) return { module: known.value, ...known.about };
    const arriving = this.#arriving.get(meteredDigest);
    if (arriving !== undefined) return arriving;
    const loading = this.#withLoadSlot(async () => {
      const done = this.#options.onCompile?.({ ownerId, digest });
      try {
        const code = (await this.#loadMetered(version)) ?? (await this.#meterAgain(version));
        const { module, ...about } = code;
        this.#codes.set(meteredDigest, module, about);
        return code;
      } finally {
        done?.();
      }
    }).finally(() => this.#arriving.delete(meteredDigest));
    this.#arriving.set(meteredDigest, loading);
    return loading;
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
  async #loadMetered({ digest, meteredDigest }: StoredModule): Promise<Code | undefined> {
    try {
      const metered = await this.#options.store.get(meteredDigest);
      const loaded = metered && (await loadMetered(metered));
      return loaded && { ...loaded, bytes: metered.length };
    } catch (error) {
      // A metered module that cannot be used is made again from the upload.
      this.#options.log.warn({ err: error, digest }, 'a metered module could not be loaded');
      return undefined;
    }
  }

  /** Meters the upload again; throws unless the result is identical to the checked bytes. */
  async #meterAgain(version: StoredModule): Promise<Code> {
    const metered = Uint8Array.from(await this.#prepareAgain(version, 'metered'));
    const loaded = await loadMetered(metered);
    if (loaded === undefined)
      throw new Error(`the module ${version.digest} was metered differently`);
    return { ...loaded, bytes: metered.length };
  }

  async #loadImage(version: StoredModule): Promise<Uint8Array | undefined> {
    const { imageDigest } = version;
    if (imageDigest === null) return undefined;
    try {
      const image = await this.#options.store.get(imageDigest);
      if (image !== undefined) return image;
    } catch (error) {
      const { digest } = version;
      this.#options.log.warn({ err: error, digest }, 'the image of a module could not be loaded');
    }
    return this.#prepareAgain(version, 'image');
  }

  /** Prepares the upload again; throws unless the result is identical to what was checked. */
  async #prepareAgain(version: StoredModule, part: 'metered' | 'image'): Promise<Uint8Array> {
    const { digest, meteredDigest, imageDigest } = version;
    const bytes = await this.#options.store.get(digest);
    if (bytes === undefined) throw new Error(`the store has no module ${digest}`);
    const found = prepareModule(bytes)[part];
    const wanted = part === 'metered' ? meteredDigest : imageDigest;
    if (found !== undefined && (await digestOf(found)) === wanted) return found;
    throw new Error(`the module ${digest} was prepared differently`);
  }
}

/** Values that are kept for as long as something else keeps them. */
class WeakValues<Value extends WeakKey, About extends object> {
  readonly #kept = new Map<string, { readonly ref: WeakRef<Value>; readonly about: About }>();
  readonly #dropped = new FinalizationRegistry<string>((key) => {
    if (this.#kept.get(key)?.ref.deref() === undefined) this.#kept.delete(key);
  });

  get(key: string): { readonly value: Value; readonly about: About } | undefined {
    const kept = this.#kept.get(key);
    const value = kept?.ref.deref();
    return kept !== undefined && value !== undefined ? { value, about: kept.about } : undefined;
  }

  set(key: string, value: Value, about: About): void {
    this.#kept.set(key, { ref: new WeakRef(value), about });
    this.#dropped.register(value, key);
  }
}
