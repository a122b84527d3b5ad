import { CALL_BOUNDS, gasFor } from '../run/call-cost.ts';
import { CallError } from '../errors.ts';
import { declare, type Namespace } from './declare.ts';

export const env: Namespace = {
  name: 'env',
  doc: 'Configuration (request headers, database credentials, switches) that the host gives the guest.',
  functions: [
    declare({
      name: 'get',
      doc: 'Looks up a key in the environment and writes its value to the buffer.',
      details:
        'Where the value does not fit, nothing is written and the size it needs is returned: a result larger than the buffer means "make room and ask again".',
      params: [
        {
          name: 'key',
          type: 'text',
          doc: 'the name of the variable',
          maxBytes: CALL_BOUNDS.nameBytes,
        },
        { name: 'value', type: 'buffer', doc: 'where the value is written' },
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
