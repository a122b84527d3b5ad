import { declare, type Namespace } from './declare.ts';

export const io: Namespace = {
  name: 'io',
  doc: 'Descriptors for standard input, standard output and standard error.',
  functions: [
    declare({
      name: 'get_stdin',
      doc: 'Opens a descriptor for standard input, which can be read.',
      params: [],
      result: { name: 'fd', type: 'i32', doc: 'a new descriptor' },
      errors: [],
      blocks: false,
      body: (process) => process.addDescriptor(process.stdin),
    }),
    declare({
      name: 'get_stdout',
      doc: 'Opens a descriptor for standard output, which can be written.',
      params: [],
      result: { name: 'fd', type: 'i32', doc: 'a new descriptor' },
      errors: [],
      blocks: false,
      body: (process) => process.addDescriptor(process.output.stdout),
    }),
    declare({
      name: 'get_stderr',
      doc: 'Opens a descriptor for standard error, which can be written.',
      params: [],
      result: { name: 'fd', type: 'i32', doc: 'a new descriptor' },
      errors: [],
      blocks: false,
      body: (process) => process.addDescriptor(process.output.stderr),
    }),
  ],
};
