/** Formats what happened in a run: traps, log lines, the trace and the bill. */
import {
  MAX_PROFILED,
  type Bill,
  type TracedCall,
  type LogLine,
  type StopReason,
} from '../../olin/index.ts';
import { makeVisible } from './visible.ts';
import {
  formatBytes,
  formatCount,
  formatMs,
  formatPages,
  formatShare,
} from '../../olin/quantities.ts';

const LEVELS: Readonly<Record<number, string>> = { 1: 'error', 3: 'warning', 6: 'info' };

export function describeLog({ level, text }: LogLine): string {
  return `[${LEVELS[level] ?? `level ${level}`}] ${makeVisible(text)}\n`;
}

export function describeCall({ name, args, result, fault, tookMs }: TracedCall): string {
  const given = args.map((arg) => `${arg.name}: ${show(arg.value)}`).join(', ');
  const outcome =
    fault === undefined ? (result === undefined ? '' : ` = ${result}`) : ` ! ${makeVisible(fault)}`;
  return `${name}(${given})${outcome} <${formatMs(tookMs)}>\n`;
}

export function describeStopText({ message, backtrace }: StopReason): string {
  const frames = backtrace.map((frame) => `    at ${makeVisible(frame)}\n`);
  return `${makeVisible(message)}\n${frames.join('')}`;
}

export function describeBill(bill: Bill): string {
  const calls = Object.entries(bill.calls).sort(([, a], [, b]) => b - a);
  const total = calls.reduce((sum, [, count]) => sum + count, 0);
  const rows: (readonly [string, string])[] = [
    ['gas', `${formatCount(bill.gas)} instructions`],
    ['memory', formatPages(bill.memoryPages)],
    ['system calls', formatCount(total)],
    ...calls.map(([name, count]) => [`  ${name}`, formatCount(count)] as const),
    ['bytes in', formatBytes(bill.bytesIn)],
    ['bytes out', formatBytes(bill.bytesOut)],
    ...bill.urls.map((url) => ['opened', makeVisible(url)] as const),
    ['time', formatMs(bill.wallMs)],
  ];
  return `${rows.map(([name, value]) => `${name.padEnd(22)} ${value}`).join('\n')}\n`;
}

/** `1,371,345  62.9%  put_chunk`, a line for each function that used gas. */
export function describeProfile({ gas, gasByFunction }: Bill): string {
  if (gasByFunction === undefined) {
    return `Gas by function is not available for modules with more than ${formatCount(MAX_PROFILED)} functions.\n`;
  }
  const width = formatCount(gas).length;
  return gasByFunction
    .map((each) => {
      const share = formatShare(each.gas / gas);
      return `${formatCount(each.gas).padStart(width)} ${share.padStart(6)}  ${makeVisible(each.name)}\n`;
    })
    .join('');
}

function show(value: string | number): string {
  return typeof value === 'number' ? String(value) : makeVisible(JSON.stringify(value));
}
