import { CallError } from '../errors.ts';
import { declare, type Namespace } from './declare.ts';

/** The text that `runtime_name` writes. */
export const RUNTIME_NAME = 'olin';
/** The version of the Common WebAssembly API. */
export const SPEC_MAJOR = 0;
export const SPEC_MINOR = 2;

export const runtime: Namespace = {
  name: 'runtime',
  doc: 'The runtime itself: its name and version, sleeping, and the exit status.',
  functions: [
    declare({
      name: 'exit',
      doc: 'Ends the guest immediately with an exit status.',
      params: [{ name: 'status', type: 'i32', doc: '0 is success' }],
      errors: [],
      blocks: false,
      body: (process, status) => process.exit(status),
    }),
    declare({
      name: 'msleep',
      doc: 'Sleeps. Other guests run meanwhile, and waiting uses no gas.',
      params: [{ name: 'ms', type: 'u32', doc: 'milliseconds' }],
      errors: [],
      blocks: true,
      body: (process, ms) => process.sleep(ms),
    }),
    declare({
      name: 'name',
      doc: `Writes the name of the runtime, \`${RUNTIME_NAME}\`, to the buffer.`,
      details: 'No runtime has a name longer than 32 bytes.',
      params: [{ name: 'out', type: 'buffer', doc: 'the buffer for the name' }],
      result: { name: 'length', type: 'i32', doc: 'the number of bytes written' },
      errors: ['InvalidArgument'],
      blocks: false,
      body(_process, out) {
        const name = new TextEncoder().encode(RUNTIME_NAME);
        if (name.length > out.length) {
          throw new CallError(
            'InvalidArgument',
            `the name needs ${name.length} bytes, the buffer has ${out.length}`,
          );
        }
        return out.write(name);
      },
    }),
    declare({
      name: 'spec_major',
      doc: 'Returns the major version of the API. It must be equal to the version that the guest was built for.',
      params: [],
      result: { name: 'major', type: 'u32', doc: String(SPEC_MAJOR) },
      errors: [],
      blocks: false,
      body: () => SPEC_MAJOR,
    }),
    declare({
      name: 'spec_minor',
      doc: 'Returns the minor version of the API. It must not be lower than the version that the guest was built for.',
      params: [],
      result: { name: 'minor', type: 'u32', doc: String(SPEC_MINOR) },
      errors: [],
      blocks: false,
      body: () => SPEC_MINOR,
    }),
  ],
};
