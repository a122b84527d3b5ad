/** The messages for operators if an object store refuses, tested with a server that responds as AWS does. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import { suite, test, type TestContext } from 'node:test';
import { toProblem } from '../problems/to-problem.ts';
import { createLog } from '../log.ts';
import { reportStore } from './report.ts';
import { openS3Store } from './s3.ts';
import { digestOf, type ObjectStore } from './store.ts';

interface Answer {
  readonly status: number;
  readonly code?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A stand-in for AWS: responds with error documents except to HEAD, and with a request ID. */
async function standIn(
  t: TestContext,
  answer: (request: IncomingMessage) => Answer | undefined,
): Promise<ObjectStore> {
  const server = createServer((request, response) => {
    request.resume();
    const { status, code, headers } = answer(request) ?? { status: 200 };
    const document =
      code === undefined
        ? ''
        : `<?xml version="1.0"?><Error><Code>${code}</Code><Message>No.</Message><RequestId>R1</RequestId></Error>`;
    response.writeHead(status, { 'x-amz-request-id': '4442587FB7D0A2F9', ...headers });
    response.end(request.method === 'HEAD' ? undefined : document);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  assert.ok(typeof address === 'object' && address !== null);
  return openS3Store({
    endpoint: `http://127.0.0.1:${address.port}`,
    region: 'us-east-1',
    bucket: 'modules',
    accessKeyId: 'id',
    secretAccessKey: 'the-secret-key',
  });
}

async function logOf(store: ObjectStore): Promise<string> {
  const lines: string[] = [];
  await reportStore(store, createLog('info', { write: (line: string) => void lines.push(line) }));
  return lines.join('');
}

suite('an object store that returns errors', () => {
  test('names the cause and what to do in the log at startup: clock, region, bucket and key', async (t) => {
    const cases: [Answer, RegExp][] = [
      [{ status: 403, code: 'RequestTimeTooSkewed' }, /clock of this machine/],
      [
        {
          status: 400,
          code: 'AuthorizationHeaderMalformed',
          headers: { 'x-amz-bucket-region': 'eu-west-3' },
        },
        /region of the bucket is eu-west-3.*S3_REGION/,
      ],
      [
        { status: 301, code: 'PermanentRedirect', headers: { location: 'http://127.0.0.1:1/' } },
        /S3_ENDPOINT and S3_REGION/,
      ],
      [{ status: 404, code: 'NoSuchBucket' }, /S3_BUCKET/],
      [{ status: 403, code: 'InvalidAccessKeyId' }, /S3_ACCESS_KEY_ID/],
      [{ status: 403, code: 'SignatureDoesNotMatch' }, /S3_SECRET_ACCESS_KEY/],
    ];
    for (const [answer, sentence] of cases) {
      const store = await standIn(t, () => answer);
      const text = await logOf(store);
      assert.match(text, sentence);
      assert.match(
        text,
        new RegExp(`responded with ${answer.status} \\(${answer.code}, request 4442587FB7D0A2F9`),
      );
      assert.doesNotMatch(text, /the-secret-key/);
      // An upload reports the same, although its HEAD is answered without a document.
      await assert.rejects(store.put(Uint8Array.of(1)), sentence);
      // Callers of the API must not see any of this.
      const error: unknown = await store.put(Uint8Array.of(1)).catch((each: unknown) => each);
      assert.match(
        toProblem(error)?.message ?? '',
        /^The object store cannot be reached\. Try again/,
      );
    }
  });

  test('an S3 key without permission to list can store modules and passes the check at startup', async (t) => {
    const kept = new Set<string>();
    const store = await standIn(t, ({ method, url = '' }) => {
      if (method === 'PUT') kept.add(url);
      return method === 'PUT' || kept.has(url) ? undefined : { status: 403, code: 'AccessDenied' };
    });
    assert.equal(await logOf(store), '');
    const bytes = Uint8Array.of(1, 2, 3);
    assert.equal(await store.put(bytes), await digestOf(bytes));
    assert.equal(kept.size, 1);
  });

  test('an S3 key without permission to write gets an error that names the required permissions', async (t) => {
    const store = await standIn(t, () => ({ status: 403, code: 'AccessDenied' }));
    await assert.rejects(store.put(Uint8Array.of(1)), /AccessDenied.*get, put and delete/);
  });

  test('requests to a failing server are retried, and its last error is reported', async (t) => {
    let asked = 0;
    const store = await standIn(t, () => {
      asked += 1;
      return { status: 503, code: 'SlowDown' };
    });
    await assert.rejects(store.remove(await digestOf(Uint8Array.of(1))), /503 \(SlowDown, request/);
    assert.equal(asked, 3);
  });

  test('an endless or missing error document does no harm', async (t) => {
    const store = await standIn(t, () => ({ status: 400, code: 'X'.repeat(100_000) }));
    await assert.rejects(
      store.remove(await digestOf(Uint8Array.of(1))),
      /responded with 400 \(request/,
    );
    const silent = await standIn(t, () => ({ status: 418 }));
    await assert.rejects(silent.check(), /responded with 418/);
  });
});
