import { gasFor } from '../run/call-cost.ts';
import { CallError } from '../errors.ts';
import { declare, type Namespace } from './declare.ts';

export const startup: Namespace = {
  name: 'startup',
  doc: 'The arguments the program was started with.',
  functions: [
    declare({
      name: 'arg_len',
      doc: 'Tells the number of arguments, the name of the program included.',
      params: [],
      result: { name: 'count', type: 'u32', doc: 'at least 1' },
      errors: [],
      blocks: false,
      body: (process) => process.args.length,
    }),
    declare({
      name: 'arg_at',
      doc: 'Writes an argument to the buffer, cut off where it does not fit.',
      params: [
        { name: 'i', type: 'u32', doc: 'which one; 0 is the name of the program' },
        { name: 'out', type: 'buffer', doc: 'where the argument goes' },
      ],
      result: { name: 'length', type: 'i32', doc: 'how many bytes were written' },
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
