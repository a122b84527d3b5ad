// The smallest program: it writes one line to standard output.
// AssemblyScript looks like TypeScript and compiles to WebAssembly. Code at the top level runs immediately.
import { stdout } from 'olin';

stdout.write('Hello, world!\n');
