import { CALL_BOUNDS, CALL_RATES } from '../run/call-cost.ts';
import { declare, type Namespace } from './declare.ts';

export const log: Namespace = {
  name: 'log',
  doc: 'The log of the run.',
  functions: [
    declare({
      name: 'write',
      doc: 'Adds a line to the log.',
      details:
        'Level 1 is an error, 3 a warning, 6 information; any other level is logged as its number. Bytes that are not UTF-8 become U+FFFD.',
      params: [
        { name: 'level', type: 'i32', doc: '1 error, 3 warning, 6 information' },
        {
          name: 'text',
          type: 'text',
          doc: 'the line, in UTF-8',
          maxBytes: CALL_BOUNDS.logTextBytes,
        },
      ],
      errors: [],
      blocks: false,
      body(process, level, text) {
        process.charge(CALL_RATES.item.gas);
        process.log(level, text);
      },
    }),
  ],
};
