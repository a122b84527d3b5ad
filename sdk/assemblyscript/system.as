// Environment, arguments, log, clock, random numbers, and exit.
import * as raw from './raw';
import { decode, encode } from './stream';

/** Returns the value of an environment variable; null if it is not set. */
export function env(name: string): string | null {
  const key = encode(name);
  let value = new Uint8Array(256);
  let length = raw.env_get(key.dataStart, key.length, value.dataStart, value.length);
  if (length > value.length) {
    // The value did not fit. Now its length is known.
    value = new Uint8Array(length);
    length = raw.env_get(key.dataStart, key.length, value.dataStart, value.length);
  }
  return length < 0 ? null : decode(value.subarray(0, length));
}

/** Returns the value of an environment variable; the fallback if it is not set. */
export function envOr(name: string, fallback: string): string {
  const value = env(name);
  return value === null ? fallback : value;
}

/** Returns the arguments, without the name of the program. Each may have up to 4096 bytes. */
export function args(): string[] {
  const all: string[] = [];
  const buffer = new Uint8Array(4096);
  const count = raw.startup_arg_len();
  for (let i: u32 = 1; i < count; i++) {
    const length = raw.startup_arg_at(i, buffer.dataStart, buffer.length);
    all.push(decode(buffer.subarray(0, length)));
  }
  return all;
}

/** Writes lines to the log of the run. */
export namespace log {
  export function error(text: string): void {
    write(1, text);
  }
  export function warning(text: string): void {
    write(3, text);
  }
  export function info(text: string): void {
    write(6, text);
  }
  export function write(level: i32, text: string): void {
    const bytes = encode(text);
    raw.log_write(level, bytes.dataStart, bytes.length);
  }
}

/** Random numbers from the host's secure source. */
export namespace random {
  export function bits32(): u32 {
    return raw.random_u32();
  }
  export function bits64(): u64 {
    return raw.random_u64();
  }
  /** Returns an integer from 0 to the bound, exclusive, with equal probability. */
  export function below(bound: u32): u32 {
    // Without this rejection, the remainder would make small numbers more likely.
    const unfair: u32 = (<u32>0 - bound) % bound;
    let drawn = raw.random_u32();
    while (drawn < unfair) drawn = raw.random_u32();
    return drawn % bound;
  }
}

/** Returns the seconds since 1 January 1970, UTC. */
export function now(): i64 {
  return raw.time_now();
}

/** Sleeps. Other guests run meanwhile. */
export function sleep(ms: u32): void {
  raw.runtime_msleep(ms);
}

/** Ends the program immediately. */
export function exit(status: i32): void {
  raw.runtime_exit(status);
}

/** Returns the name of the runtime. */
export function runtimeName(): string {
  const buffer = new Uint8Array(32);
  const length = raw.runtime_name(buffer.dataStart, buffer.length);
  return decode(buffer.subarray(0, max(length, 0)));
}
