import { declare, type Namespace } from './declare.ts';

export const time: Namespace = {
  name: 'time',
  doc: 'The wall clock.',
  functions: [
    declare({
      name: 'now',
      doc: 'Returns the seconds since 1 January 1970, UTC.',
      params: [],
      result: { name: 'seconds', type: 'i64', doc: 'whole seconds' },
      errors: [],
      blocks: false,
      body: (process) => BigInt(Math.floor(process.platform.now() / 1000)),
    }),
  ],
};
