/** Blobs and forms of handlers, against those of Node. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ask, evaluate } from './testdata/ask.ts';
import { same } from './testdata/same.ts';

test('blobs and files have the parts, types and slices that they have in Node', async () => {
  await same(
    `await (async () => { const b = new Blob(['ä', new Uint8Array([1, 2, 3]), new Uint16Array([258]), new Blob(['in'])], { type: 'Text/Plain' }); return [b.size, b.type, Array.from(await b.bytes()), await b.slice(2, -2).text(), await b.slice(-2).text(), b.slice(1, 2, 'A/B').type, (await b.arrayBuffer()).byteLength, String(b)] })()`,

    `await (async () => { const f = new File(['a', 'b'], 'n.txt', { type: 'text/x', lastModified: 5 }); return [f.name, f.size, f.type, f.lastModified, f instanceof Blob, String(f), await f.text(), new Blob(['x'], { type: 'ä' }).type, new Blob().size] })()`,

    `await (async () => { const parts = []; for await (const part of new Blob(['one', 'two']).stream()) parts.push(new TextDecoder().decode(part)); return parts.join('') })()`,

    `['x', 5, null].map((parts) => { try { new Blob(parts); return 'accepted' } catch (error) { return error.name } })`,

    `await (async () => { const r = new Response(new Blob(['x'], { type: 'a/b' })); const c = r.clone(); const b = await r.blob(); return [r.headers.get('content-type'), b.type, await b.text(), await c.text(), new Response(new Blob(['x'])).headers.has('content-type')] })()`,
  );
});

test('the fields of a form are kept, in order, as in Node', async () => {
  await same(
    `await (async () => { const f = new FormData(); f.append('a', 1); f.append('b', 'x'); f.append('a', '2'); f.append('f', new Blob(['y'], { type: 't/y' })); f.append('g', new Blob(['z']), 'z.bin'); f.set('a', 'new'); f.set('c', 'last'); f.delete('b'); const shown = ([name, value]) => [name, typeof value === 'string' ? value : [value.name, value.type, value.size, value instanceof File]]; return [[...f].map(shown), f.get('a'), f.getAll('a'), f.get('none'), f.has('f'), [...f.keys()], await f.get('g').text()] })()`,

    `(() => { try { new FormData().append('a', 'text', 'name') } catch (error) { return error.name } })()`,
  );
});

const BODY = [
  'preamble that is ignored',
  '--X y',
  'Content-Disposition: form-data; name="text"',
  '',
  'line one\r\n--X is no boundary',
  '--X y',
  'content-disposition: form-data; name="a%22b%0D%0A"; filename="ü.bin"',
  'Content-Type: application/x-own',
  '',
  '\0\r\n\r\n--',
  '--X y',
  'Content-Disposition: form-data; name="empty"; filename=""',
  '',
  '',
  '--X y--',
  '',
].join('\r\n');

/** Without the preamble, which Node refuses. */
const PLAIN = BODY.slice(BODY.indexOf('--X y'));

test('forms in bodies are read as in Node', async () => {
  const read = (body: string, type: string): string =>
    `await (async () => { try { const form = await new Response(${JSON.stringify(body)}, { headers: { 'Content-Type': ${JSON.stringify(type)} } }).formData(); const all = []; for (const [name, value] of form) all.push([name, typeof value === 'string' ? value : [value.name, value.type, await value.text()]]); return all } catch (error) { return error.name } })()`;
  const type = 'multipart/form-data; boundary="X y"';
  await same(
    read(PLAIN, type),
    read(PLAIN, 'multipart/form-data'),
    read(PLAIN, 'text/plain'),
    read(PLAIN.slice(0, -8), type),
    read('--X y--\r\n', type),
    read('', type),
    read('a=1&b=%20x+y&a=2', 'application/x-www-form-urlencoded;charset=UTF-8'),
  );
  const seen = await evaluate(read(BODY, type));
  assert.deepEqual(seen, [
    ['text', 'line one\r\n--X is no boundary'],
    ['a"b\r\n', ['ü.bin', 'application/x-own', '\0\r\n\r\n--']],
    ['empty', ['', 'text/plain', '']],
  ]);
});

test('a form in a body is written as in Node, but for its boundary', async () => {
  await same(
    `await (async () => { const f = new FormData(); f.append('a"b\\n', 'line\\nbreak'); f.append('file', new File(['x\\ny'], 'n"a.txt', { type: 't/x' })); f.append('blob', new Blob(['z'])); const r = new Response(f); const boundary = /boundary=(.*)/.exec(r.headers.get('content-type'))[1]; return [(await r.text()).replaceAll(boundary, 'B').trim(), r.headers.get('content-type').replace(boundary, 'B')] })()`,
  );
});

test('an upload reaches a handler with its fields and files, and a large one costs little gas', async () => {
  const form = new FormData();
  form.append('title', 'Grüße');
  const bytes = new Uint8Array(500_000).map((_, index) => (index % 7 === 0 ? 0x0d : index));
  form.append('file', new File([bytes], 'data.bin', { type: 'application/octet-stream' }));
  const { body, gas, log } = await ask(
    `export default { async fetch(request) {
      const form = await request.formData();
      const file = form.get('file');
      const bytes = await file.bytes();
      const around = [...bytes.subarray(0, 20), ...bytes.subarray(-20)];
      return Response.json([form.get('title'), file.name, file.type, file.size, around]);
    } }`,
    new Request('http://test/', { method: 'POST', body: form }),
  );
  assert.deepEqual(log, []);
  assert.deepEqual(JSON.parse(body), [
    'Grüße',
    'data.bin',
    'application/octet-stream',
    500_000,
    [...bytes.subarray(0, 20), ...bytes.subarray(-20)],
  ]);
  assert.ok(gas < 10_000_000, `${gas} gas`);
});
