/**
 * The conformance suite of the ABI: each sentence of the specification that can be tested, by code, bytes and trace.
 * Sources: the Common WebAssembly API as Olin and pa'i have it (ns/*.md, errors.md, README.md), the Common WebAssembly
 * API's schemes/*.md, and this project's contract where it says more. Quoted words are the specification's.
 *
 * The suite is run by a launcher of a few lines for each place: `node.test.ts` here, `test/runtime/conformance-chromium.test.ts`.
 */
import { accounts } from './host/accounts.ts';
import { bounds } from './host/bounds.ts';
import type { ConformanceCase } from './conform.ts';
import { charges } from './host/charges.ts';
import { env } from './abi/env.ts';
import { errors } from './abi/errors.ts';
import { gas } from './host/gas.ts';
import { heldMemory } from './host/held-memory.ts';
import { interrupts } from './host/interrupts.ts';
import { io } from './abi/io.ts';
import { log } from './abi/log.ts';
import { memory } from './host/memory.ts';
import { module } from './host/module.ts';
import { policies } from './host/policies.ts';
import { prices } from './host/prices.ts';
import { random } from './abi/random.ts';
import { resource } from './abi/resource.ts';
import { resourceData } from './abi/resource-data.ts';
import { runtime } from './abi/runtime.ts';
import { schemes } from './host/schemes.ts';
import { startup } from './abi/startup.ts';
import { stops } from './host/stops.ts';
import { suspension } from './host/suspension.ts';
import { time } from './abi/time.ts';
import { trapCases } from './host/traps.ts';
import { wasi } from './abi/wasi.ts';
import { wasiFileErrors } from './abi/wasi-file-errors.ts';
import { wasiFileLimits } from './abi/wasi-file-limits.ts';
import { wasiFiles } from './abi/wasi-files.ts';

export { titleOf, tryCase, type ConformanceCase, type ConformanceHost } from './conform.ts';

export const CASES: readonly ConformanceCase[] = [
  ...module,
  ...env,
  ...io,
  ...log,
  ...random,
  ...resource,
  ...resourceData,
  ...runtime,
  ...startup,
  ...time,
  ...errors,
  ...bounds,
  ...schemes,
  ...memory,
  ...suspension,
  ...gas,
  ...prices,
  ...charges,
  ...heldMemory,
  ...policies,
  ...stops,
  ...interrupts,
  ...trapCases,
  ...accounts,
  ...wasi,
  ...wasiFiles,
  ...wasiFileErrors,
  ...wasiFileLimits,
];
