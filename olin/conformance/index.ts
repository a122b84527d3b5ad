/**
 * The conformance suite of the ABI: each sentence of the specification that can be tested, by code, bytes and trace.
 * Sources: the Common WebAssembly API as Olin and pa'i have it (ns/*.md, errors.md, README.md), the Common WebAssembly
 * API's schemes/*.md, and this project's contract where it says more. Quoted words are the specification's.
 *
 * The suite is run by a launcher of a few lines for each place: `node.test.ts` here, `test/conformance-chromium.test.ts`.
 */
import { accounts } from './accounts.ts';
import { bounds } from './bounds.ts';
import type { ConformanceCase } from './conform.ts';
import { charges } from './charges.ts';
import { env } from './env.ts';
import { errors } from './errors.ts';
import { gas } from './gas.ts';
import { io } from './io.ts';
import { log } from './log.ts';
import { memory } from './memory.ts';
import { module } from './module.ts';
import { policies } from './policies.ts';
import { random } from './random.ts';
import { resource } from './resource.ts';
import { runtime } from './runtime.ts';
import { schemes } from './schemes.ts';
import { startup } from './startup.ts';
import { stops } from './stops.ts';
import { suspension } from './suspension.ts';
import { time } from './time.ts';
import { trapCases } from './traps.ts';
import { wasi } from './wasi.ts';

export { titleOf, tryCase, type ConformanceCase, type Place } from './conform.ts';

export const CASES: readonly ConformanceCase[] = [
  ...module,
  ...env,
  ...io,
  ...log,
  ...random,
  ...resource,
  ...runtime,
  ...startup,
  ...time,
  ...errors,
  ...bounds,
  ...schemes,
  ...memory,
  ...suspension,
  ...gas,
  ...charges,
  ...policies,
  ...stops,
  ...trapCases,
  ...accounts,
  ...wasi,
];
