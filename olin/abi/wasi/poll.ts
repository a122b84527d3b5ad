/** Polling: for a time, or for a descriptor, which is always reported ready. */
import { CALL_BOUNDS, gasFor } from '../../run/call-cost.ts';
import type { Process } from '../../run/process.ts';
import { declare, type AbiFunction } from '../declare.ts';
import { errno, ERRNO, WasiError } from './errno.ts';
import { readClock } from './program.ts';
import { dataAt, place, status, u32, writeU32 } from './wire.ts';

const SUBSCRIPTION_BYTES = 48;
const EVENT_BYTES = 32;
/** Kinds of subscriptions. */
const CLOCK = 0;
const READ = 1;
const WRITE = 2;
/** The clocks that can be waited for: those for processor time cannot. */
const WALL = 0;
const MONOTONIC = 1;
const ABSOLUTE = 1;

interface Subscription {
  readonly userdata: bigint;
  readonly type: number;
  /** Milliseconds; 0 if it is ready at once. */
  readonly waitMs: number;
  readonly errno: number;
}

/** Whether the descriptor is open for reading, or for writing. */
function canPoll(process: Process, fd: number, type: typeof READ | typeof WRITE): boolean {
  const found = process.files.get(fd);
  if (found?.kind === 'file') return type === READ ? found.reads : found.writes;
  return found?.kind === (type === READ ? 'input' : 'output');
}

/** Throws `inval` if the kind, the clock or a flag is unknown. */
function readSubscription(process: Process, view: DataView, at: number): Subscription {
  const userdata = view.getBigUint64(at, true);
  const type = view.getUint8(at + 8);
  const subject = view.getUint32(at + 16, true);
  if (type === READ || type === WRITE) {
    const isReady = canPoll(process, subject, type);
    return { userdata, type, waitMs: 0, errno: isReady ? ERRNO.success : ERRNO.badf };
  }
  const flags = view.getUint16(at + 40, true);
  if (type !== CLOCK || (subject !== WALL && subject !== MONOTONIC) || flags > ABSOLUTE) {
    throw new WasiError(ERRNO.inval);
  }
  const timeout = view.getBigUint64(at + 24, true);
  const now = flags === ABSOLUTE ? readClock(process, subject) : 0n;
  const wait = timeout > now ? timeout - now : 0n;
  return { userdata, type, waitMs: Math.ceil(Number(wait) / 1e6), errno: ERRNO.success };
}

function poll(process: Process, input: number, output: number, count: number, total: number) {
  if (count === 0 || count > CALL_BOUNDS.subscriptions) throw new WasiError(ERRNO.inval);
  process.charge(gasFor('item', count));
  const view = dataAt(process, input, count * SUBSCRIPTION_BYTES);
  const all = Array.from({ length: count }, (_, i) =>
    readSubscription(process, view, i * SUBSCRIPTION_BYTES),
  );
  // Check the output range before waiting.
  process.memory.check(output, count * EVENT_BYTES);
  const waitMs = Math.min(...all.map((each) => each.waitMs));
  const writeEvents = (): void => {
    const ready = all.filter((each) => each.waitMs <= waitMs);
    for (const [i, { userdata, type, errno }] of ready.entries()) {
      const event = dataAt(process, output + i * EVENT_BYTES, EVENT_BYTES);
      event.setBigUint64(0, userdata, true);
      event.setUint16(8, errno, true);
      event.setUint8(10, type);
      // The number of bytes reported ready to read or write.
      event.setBigUint64(16, type === CLOCK ? 0n : 65_536n, true);
      event.setUint16(24, 0, true);
    }
    writeU32(process, total, ready.length);
  };
  if (waitMs === 0) return writeEvents();
  return process.sleep(waitMs).then(writeEvents);
}

export const waiting: readonly AbiFunction[] = [
  declare({
    name: 'poll_oneoff',
    doc: 'Sleeps until the earliest clock. Returns immediately if a subscription is for a descriptor.',
    params: [
      u32('in', 'the address of the subscriptions'),
      place('out'),
      u32('nsubscriptions', 'how many there are'),
      place('nevents'),
    ],
    result: status,
    errors: [],
    blocks: true,
    body: (process, input, output, count, total) =>
      errno(() => poll(process, input, output, count, total)),
  }),
];
