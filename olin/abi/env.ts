import { CALL_BOUNDS, gasFor } from '../run/call-cost.ts';
import { CallError } from '../errors.ts';
import { declare, type Namespace } from './declare.ts';

export const env: Namespace = {
  name: 'env',
  doc: 'The environment: request headers and configuration, such as credentials and switches.',
  functions: [
    declare({
      name: 'get',
      doc: 'Writes the value of an environment variable to the buffer.',
      details:
        'If the value does not fit, nothing is written and its length is returned. If the result is larger than the buffer, call again with a larger one.',
      params: [
        {
          name: 'key',
          type: 'text',
          doc: 'the name of the variable',
          maxBytes: CALL_BOUNDS.nameBytes,
        },
        { name: 'value', type: 'buffer', doc: 'the buffer for the value' },
      ],
      result: { name: 'length', type: 'i32', doc: 'the length of the value in bytes' },
      errors: ['NotFound', 'InvalidArgument'],
      blocks: false,
      body(process, key, value) {
        const found = process.variable(key);
        if (found === undefined) throw new CallError('NotFound', `${key} is not set`);
        process.charge(gasFor('text', found.length));
        return value.writeText(found);
      },
    }),
  ],
};
