import { CALL_BOUNDS, gasFor } from '../run/call-cost.ts';
import { CallError } from '../errors.ts';
import { openUrl } from '../policy/opening.ts';
import { declare, type Namespace } from './declare.ts';

const fd = { name: 'fd', type: 'i32', doc: 'a descriptor' } as const;

export const resource: Namespace = {
  name: 'resource',
  doc: 'Everything that can be read or written is a resource, opened by its URL.',
  functions: [
    declare({
      name: 'open',
      doc: 'Opens the resource that the URL names.',
      details:
        'The policy sees the URL first; where it refuses, the guest is stopped. The schemes are listed on the page about URLs.',
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
      details: `Waits until there is something to read. Fewer bytes than the buffer holds are no sign of the end: EndOfFile is. One call reads at most ${CALL_BOUNDS.movedBytes} bytes.`,
      params: [fd, { name: 'data', type: 'buffer', doc: 'where the bytes go' }],
      result: { name: 'length', type: 'i32', doc: 'how many bytes were read' },
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
      details: `Waits while the reader on the other side is slow. One call writes at most ${CALL_BOUNDS.movedBytes} bytes: write what is left with another.`,
      params: [fd, { name: 'data', type: 'bytes', doc: 'the bytes' }],
      result: { name: 'length', type: 'i32', doc: 'how many bytes were written' },
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
      details: 'A descriptor that is not open is a fatal error: the guest is stopped and told why.',
      params: [fd],
      errors: [],
      blocks: true,
      body: (process, fd) => process.close(fd),
    }),
    declare({
      name: 'flush',
      doc: 'Sends what is buffered on its way.',
      details:
        'For `http` and `https` this sends the request and waits for the head of the response.',
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
