import { declare, type Namespace } from './declare.ts';

export const random: Namespace = {
  name: 'random',
  doc: 'Random numbers from a cryptographically secure source.',
  functions: [
    declare({
      name: 'i32',
      doc: 'Returns a random signed 32-bit number.',
      params: [],
      result: { name: 'number', type: 'i32', doc: 'any of the 2³² values, with equal probability' },
      errors: [],
      blocks: false,
      body: (process) => process.randomBytes(4).getInt32(0, true),
    }),
    declare({
      name: 'u32',
      doc: 'Returns a random unsigned 32-bit number.',
      params: [],
      result: { name: 'number', type: 'u32', doc: 'any of the 2³² values, with equal probability' },
      errors: [],
      blocks: false,
      body: (process) => process.randomBytes(4).getUint32(0, true),
    }),
    declare({
      name: 'i64',
      doc: 'Returns a random signed 64-bit number.',
      params: [],
      result: { name: 'number', type: 'i64', doc: 'any of the 2⁶⁴ values, with equal probability' },
      errors: [],
      blocks: false,
      body: (process) => process.randomBytes(8).getBigInt64(0, true),
    }),
    declare({
      name: 'u64',
      doc: 'Returns a random unsigned 64-bit number.',
      params: [],
      result: { name: 'number', type: 'u64', doc: 'any of the 2⁶⁴ values, with equal probability' },
      errors: [],
      blocks: false,
      body: (process) => process.randomBytes(8).getBigUint64(0, true),
    }),
  ],
};
