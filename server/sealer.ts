/** Encrypts secrets at rest with AES-256-GCM, each bound to its location. */
import { createCipheriv, createDecipheriv, createHash, createHmac, randomBytes } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { dataPaths, type Config } from './config.ts';
import { ConfigError } from './read-settings.ts';

const CIPHER = 'aes-256-gcm';
const KEY_BYTES = 32;
/** The format of a sealed value: one byte of version, four bytes that identify the key, then IV, tag, and ciphertext. */
const VERSION = 1;
const NAME_BYTES = 4;
const IV_BYTES = 12;
const TAG_BYTES = 16;
const HEAD_BYTES = 1 + NAME_BYTES;

export class Sealer {
  readonly #keys: readonly { readonly name: Buffer; readonly key: Buffer }[];

  /** @param keys 32 bytes each: the first one encrypts, all of them decrypt, so that keys can be rotated */
  constructor(keys: readonly Buffer[]) {
    if (keys.length === 0 || keys.some((key) => key.length !== KEY_BYTES)) {
      throw new ConfigError('A secret key must have 32 bytes.');
    }
    this.#keys = keys.map((key) => ({ key, name: nameOf(key) }));
  }

  /** The first bytes of values that were encrypted with the first key. */
  get head(): Buffer {
    const [first] = this.#keys;
    return Buffer.concat([Buffer.of(VERSION), first?.name ?? Buffer.alloc(NAME_BYTES)]);
  }

  /** @param place the location of the value; it can be decrypted only with the same location */
  seal(text: string, place: string): Buffer {
    const [first] = this.#keys;
    if (first === undefined) throw new Error('there is no key');
    const iv = randomBytes(IV_BYTES);
    const cipher = createCipheriv(CIPHER, first.key, iv);
    const { head } = this;
    cipher.setAAD(Buffer.concat([head, Buffer.from(place)]));
    const sealed = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
    return Buffer.concat([head, iv, cipher.getAuthTag(), sealed]);
  }

  /** Returns a keyed digest of a text that may contain secrets. Without the key, guesses cannot be tested against it. */
  digest(text: string): Buffer {
    const [first] = this.#keys;
    if (first === undefined) throw new Error('there is no key');
    return createHmac('sha256', first.key).update('trisiel request').update(text).digest();
  }

  /** Decrypts a value. Throws if it was modified, moved, or encrypted with an unknown key. */
  open(sealed: Uint8Array, place: string): string {
    const bytes = Buffer.from(sealed);
    const head = bytes.subarray(0, HEAD_BYTES);
    const found = this.#keys.find(({ name }) => name.equals(head.subarray(1)));
    if (
      head[0] !== VERSION ||
      found === undefined ||
      bytes.length < HEAD_BYTES + IV_BYTES + TAG_BYTES
    ) {
      throw new Error('the value was encrypted with a key that is not among SECRET_KEYS');
    }
    const tagAt = HEAD_BYTES + IV_BYTES;
    const decipher = createDecipheriv(CIPHER, found.key, bytes.subarray(HEAD_BYTES, tagAt), {
      authTagLength: TAG_BYTES,
    });
    decipher.setAAD(Buffer.concat([head, Buffer.from(place)]));
    decipher.setAuthTag(bytes.subarray(tagAt, tagAt + TAG_BYTES));
    const textAt = tagAt + TAG_BYTES;
    return Buffer.concat([decipher.update(bytes.subarray(textAt)), decipher.final()]).toString(
      'utf8',
    );
  }
}

/**
 * Returns the sealer for the keys in the settings, or for the key file in the data folder, which is created if it is
 * missing.
 */
export async function openSealer(config: Config): Promise<Sealer> {
  return new Sealer(config.secretKeys ?? [await readOrMakeKey(dataPaths(config).key)]);
}

async function readOrMakeKey(path: string): Promise<Buffer> {
  // Read first, since an executor process may read the file but not create it.
  const known = await readFile(path, 'utf8').catch(ignoreAbsence);
  if (known !== undefined) return Buffer.from(known, 'base64');
  await mkdir(dirname(path), { recursive: true });
  const fresh = randomBytes(KEY_BYTES);
  try {
    await writeFile(path, fresh.toString('base64'), { flag: 'wx', mode: 0o600 });
    return fresh;
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
    return Buffer.from(await readFile(path, 'utf8'), 'base64');
  }
}

function ignoreAbsence(error: unknown): undefined {
  if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
  throw error;
}

/** Derives an id of a key that reveals nothing about it. */
function nameOf(key: Buffer): Buffer {
  return createHash('sha256')
    .update('trisiel key name')
    .update(key)
    .digest()
    .subarray(0, NAME_BYTES);
}
