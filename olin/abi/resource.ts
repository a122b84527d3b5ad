import { CALL_BOUNDS, gasFor } from '../run/call-cost.ts';
import { CallError } from '../errors.ts';
import { openUrl } from '../policy/opening.ts';
import { declare, type Namespace } from './declare.ts';

const fd = { name: 'fd', type: 'i32', doc: 'a descriptor' } as const;

export const resource: Namespace = {
  name: 'resource',
  doc: 'Resources, which are opened by URL and read or written through a descriptor.',
  functions: [
    declare({
      name: 'open',
      doc: 'Opens a resource by its URL.',
      details: 'The policy is checked first. If it refuses the URL, the guest is stopped.',
      params: [
        {
          name: 'url',
          type: 'text',
          doc: 'such as `https://example.com/` or `random://`',
          maxBytes: CALL_BOUNDS.urlBytes,
        },
      ],
      result: { name: 'fd', type: 'i32', doc: 'a new descriptor' },
      errors: ['InvalidArgument', 'NotFound', 'UnknownError'],
      blocks: true,
      body: openUrl,
    }),
    declare({
      name: 'read',
      doc: 'Reads from the resource into the buffer.',
      details: `Waits until data is available. Only EndOfFile means the end, not a count smaller than the buffer. One call reads at most ${CALL_BOUNDS.movedBytes} bytes.`,
      params: [fd, { name: 'data', type: 'buffer', doc: 'the buffer for the bytes' }],
      result: { name: 'length', type: 'i32', doc: 'the number of bytes read' },
      errors: ['InvalidArgument', 'UnknownError', 'EndOfFile'],
      blocks: true,
      body(process, fd, data) {
        const from = process.descriptor(fd);
        if (data.length === 0) return 0;
        const give = (chunk: Uint8Array | null): number => {
          if (chunk === null) throw new CallError('EndOfFile', `${from.kind} has no more data`);
          process.charge(gasFor('moved', chunk.length));
          process.countRead(chunk.length);
          return data.write(chunk);
        };
        const chunk = from.read(Math.min(data.length, CALL_BOUNDS.movedBytes));
        return chunk instanceof Promise ? chunk.then(give) : give(chunk);
      },
    }),
    declare({
      name: 'write',
      doc: 'Writes the bytes to the resource.',
      details: `Waits if the receiver is slow. One call writes at most ${CALL_BOUNDS.movedBytes} bytes: call again for the rest.`,
      params: [fd, { name: 'data', type: 'bytes', doc: 'the bytes' }],
      result: { name: 'length', type: 'i32', doc: 'the number of bytes written' },
      errors: ['InvalidArgument', 'UnknownError'],
      blocks: true,
      body(process, fd, data) {
        const to = process.descriptor(fd);
        const count = (written: number): number => {
          process.countWritten(written);
          return written;
        };
        const written = to.write(data);
        return written instanceof Promise ? written.then(count) : count(written);
      },
    }),
    declare({
      name: 'close',
      doc: 'Closes the descriptor.',
      details: 'A descriptor that is not open is a fatal error: the guest is stopped.',
      params: [fd],
      errors: [],
      blocks: true,
      body: (process, fd) => process.close(fd),
    }),
    declare({
      name: 'flush',
      doc: 'Sends buffered data.',
      details:
        'For `http` and `https` this sends the request and waits for the headers of the response.',
      params: [fd],
      result: { name: 'status', type: 'i32', doc: '0' },
      errors: ['InvalidArgument', 'UnknownError'],
      blocks: true,
      body(process, fd) {
        const flushed = process.descriptor(fd).flush();
        return flushed instanceof Promise ? flushed.then(() => 0) : 0;
      },
    }),
  ],
};
