import { declare, type Namespace } from './declare.ts';

export const random: Namespace = {
  name: 'random',
  doc: 'Random numbers, from the cryptographic source of the place.',
  functions: [
    declare({
      name: 'i32',
      doc: 'Gives a random signed 32-bit number.',
      params: [],
      result: { name: 'number', type: 'i32', doc: 'any of the 2³² values, each as likely' },
      errors: [],
      blocks: false,
      body: (process) => process.randomBytes(4).getInt32(0, true),
    }),
    declare({
      name: 'u32',
      doc: 'Gives a random unsigned 32-bit number.',
      params: [],
      result: { name: 'number', type: 'u32', doc: 'any of the 2³² values, each as likely' },
      errors: [],
      blocks: false,
      body: (process) => process.randomBytes(4).getUint32(0, true),
    }),
    declare({
      name: 'i64',
      doc: 'Gives a random signed 64-bit number.',
      params: [],
      result: { name: 'number', type: 'i64', doc: 'any of the 2⁶⁴ values, each as likely' },
      errors: [],
      blocks: false,
      body: (process) => process.randomBytes(8).getBigInt64(0, true),
    }),
    declare({
      name: 'u64',
      doc: 'Gives a random unsigned 64-bit number.',
      params: [],
      result: { name: 'number', type: 'u64', doc: 'any of the 2⁶⁴ values, each as likely' },
      errors: [],
      blocks: false,
      body: (process) => process.randomBytes(8).getBigUint64(0, true),
    }),
  ],
};
