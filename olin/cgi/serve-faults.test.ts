import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { faultOf, HEADER, responseOf, serveGuest } from './testdata/serve-guest.ts';

describe('a guest that fails', () => {
  it('before its header: a trap is a fault with the reason', async () => {
    const fault = await faultOf(
      serveGuest(async ({ print }) => {
        await print('Content-Type: text/plain\n');
        throw new Error('unreachable');
      }),
    );
    assert.deepEqual(fault, { code: 'trap', message: 'unreachable' });
  });

  it('after its header: the reader gets what was written, then the error', async () => {
    const response = await responseOf(
      serveGuest(async ({ print }) => {
        await print(`${HEADER}half`);
        throw new Error('out of gas');
      }),
    );
    assert.ok(response.body !== null);
    const reader = response.body.getReader();
    assert.equal(new TextDecoder().decode((await reader.read()).value), 'half');
    await assert.rejects(reader.read(), /out of gas/);
  });

  it('with a non-zero status but a complete reply: the reply is used', async () => {
    const served = await serveGuest(async ({ print }) => {
      await print(`${HEADER}done`);
      return 3;
    });
    assert.ok(served.ok);
    assert.equal(await served.response.text(), 'done');
    assert.equal((await served.result).exit, 3);
  });

  it('with a non-zero status and no reply: a fault that names the status', async () => {
    const fault = await faultOf(serveGuest(() => Promise.resolve(7)));
    assert.equal(fault.code, 'exit');
    assert.match(fault.message, /status 7 before its reply was complete\. The reply is empty\./);
  });

  it('without output: a fault', async () => {
    const fault = await faultOf(serveGuest(() => Promise.resolve()));
    assert.equal(fault.code, 'bad-reply');
    assert.match(fault.message, /^The reply is empty/);
  });

  it('with an invalid reply: the guest is stopped at once, and the fault has the reason', async () => {
    const served = await serveGuest(async ({ print }) => {
      await print('Hello, world!\n');
      await new Promise(() => {});
    });
    assert.ok(!served.ok);
    assert.equal(served.fault.code, 'bad-reply');
    assert.match(served.fault.message, /^The reply has no header: it began with "Hello, world!"\./);
    assert.equal((await served.result).trap?.code, 'cancelled');
  });

  it('with a body longer than its Content-Length: the reader gets the error', async () => {
    const response = await responseOf(
      serveGuest(async ({ print }) => {
        await print('Content-Type: a/b\nContent-Length: 2\n\nab');
        await print('c');
      }),
    );
    await assert.rejects(response.text(), /Content-Length is 2, but the body has more/);
  });
});
