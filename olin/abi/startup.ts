import { gasFor } from '../run/call-cost.ts';
import { CallError } from '../errors.ts';
import { declare, type Namespace } from './declare.ts';

export const startup: Namespace = {
  name: 'startup',
  doc: 'The arguments of the program.',
  functions: [
    declare({
      name: 'arg_len',
      doc: 'Returns the number of arguments, including the name of the program.',
      params: [],
      result: { name: 'count', type: 'u32', doc: 'at least 1' },
      errors: [],
      blocks: false,
      body: (process) => process.args.length,
    }),
    declare({
      name: 'arg_at',
      doc: 'Writes an argument to the buffer, cut to the size of the buffer.',
      params: [
        { name: 'i', type: 'u32', doc: 'the index of the argument; 0 is the name of the program' },
        { name: 'out', type: 'buffer', doc: 'the buffer for the argument' },
      ],
      result: { name: 'length', type: 'i32', doc: 'the number of bytes written' },
      errors: ['InvalidArgument'],
      blocks: false,
      body(process, i, out) {
        const arg = process.args[i];
        if (arg === undefined) {
          throw new CallError(
            'InvalidArgument',
            `there is no argument ${i}: the last is ${process.args.length - 1}`,
          );
        }
        process.charge(gasFor('text', arg.length));
        return out.write(new TextEncoder().encode(arg).subarray(0, out.length));
      },
    }),
  ],
};
