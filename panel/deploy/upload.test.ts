import assert from 'node:assert/strict';
import { test } from 'node:test';
import { uploadWith, type UploadProgress } from './upload.ts';

/** The part of XMLHttpRequest that an upload uses; `act` plays the server. */
class FakeRequest extends EventTarget {
  readonly sent = new Map<string, string>();
  readonly upload = new EventTarget();
  readonly #act: (request: FakeRequest) => void;
  target = '';
  responseType = '';
  body: Blob | undefined;
  status = 0;
  statusText = '';
  response: ArrayBuffer | null = null;

  constructor(act: (request: FakeRequest) => void) {
    super();
    this.#act = act;
  }
  open(method: string, url: string): void {
    this.target = `${method} ${url}`;
  }
  setRequestHeader(name: string, value: string): void {
    this.sent.set(name, value);
  }
  send(body: Blob): void {
    this.body = body;
    this.#act(this);
  }
  abort(): void {
    this.end('abort');
  }
  getAllResponseHeaders(): string {
    return 'content-type: application/problem+json\r\nx-request-id: 7\r\n';
  }
  progress(loaded: number): void {
    this.upload.dispatchEvent(Object.assign(new Event('progress'), { loaded }));
  }
  answer(status: number, text: string): void {
    this.status = status;
    this.response = new TextEncoder().encode(text).buffer;
    this.end('load');
  }
  end(how: 'load' | 'error' | 'abort'): void {
    this.dispatchEvent(new Event(how));
    this.dispatchEvent(new Event('loadend'));
  }
}

function upload(
  act: (request: FakeRequest) => void,
  signal: AbortSignal = new AbortController().signal,
) {
  const progress: UploadProgress[] = [];
  const fake = new FakeRequest(act);
  Reflect.set(globalThis, 'XMLHttpRequest', function () {
    return fake;
  });
  const send = uploadWith((each) => progress.push(each));
  const request = new Request('http://localhost/api/handlers/a/versions', {
    method: 'POST',
    body: new Blob([new Uint8Array(1000)], { type: 'application/wasm' }),
    headers: { 'idempotency-key': 'k1' },
    signal,
  });
  return { reply: send(request), progress, fake };
}

test('an upload reports its progress and returns the response', async () => {
  const { reply, progress, fake } = upload((request) => {
    request.progress(400);
    request.progress(1000);
    request.answer(422, '{"detail":"no"}');
  });
  const response = await reply;
  assert.equal(response.status, 422);
  assert.equal(response.headers.get('x-request-id'), '7');
  assert.deepEqual(await response.json(), { detail: 'no' });
  assert.deepEqual(progress, [
    { sentBytes: 400, totalBytes: 1000 },
    { sentBytes: 1000, totalBytes: 1000 },
  ]);
  assert.equal(fake.target, 'POST http://localhost/api/handlers/a/versions');
  assert.equal(fake.sent.get('idempotency-key'), 'k1');
  assert.equal(fake.sent.get('content-type'), 'application/wasm');
  assert.equal(fake.body?.size, 1000);
});

test('a broken connection is a TypeError, as with fetch', async () => {
  const { reply } = upload((request) => request.end('error'));
  await assert.rejects(reply, TypeError);
});

test('an upload can be aborted halfway', async () => {
  const stop = new AbortController();
  const { reply } = upload(() => stop.abort(), stop.signal);
  await assert.rejects(reply, { name: 'AbortError' });
});
