/** Formats an execution: request, response, log, trap, trace and bill. */
import type { ApiExecutionDetail } from '../../client/views.ts';
import { formatBytes, formatCount, formatPages, formatMs } from '../../olin/quantities.ts';
import { styleStatus } from '../terminal/quantities.ts';
import { facts } from '../terminal/table.ts';
import { lines, styled, text, type Text, type Word } from '../terminal/text.ts';

const LEVELS: Readonly<Record<number, Text>> = {
  1: styled('red', 'error'),
  3: styled('yellow', 'warning'),
  6: styled('dim', 'info'),
};

export function describeExecution(run: ApiExecutionDetail): Text[] {
  return [
    facts([
      ['Execution', run.id],
      ['Handler', run.version === null ? run.handler : `${run.handler}, version ${run.version}`],
      ['Started', run.startedAt],
      ['Request', `${run.method} ${run.path}`],
      ['Status', describeStatus(run)],
      ...(run.attempt > 1 ? [['Attempt', run.attempt] as const] : []),
    ]),
    ...section('Request headers', describeHeaders(run.request?.headers)),
    ...section('Request body', output(run.request?.body.text ?? '')),
    ...section('Log', describeLog(run)),
    ...section('Trap', describeStop(run)),
    ...section('Response headers', describeHeaders(run.response?.headers)),
    ...section('Output', output(run.output.text)),
    ...section('Standard error', output(run.errorOutput.text)),
    ...section('Trace', describeTrace(run)),
    ...section('Bill', [facts(billRows(run))]),
  ];
}

/** Formats one line with time, request and status, followed by the log and the trap. */
export function describeLogEntry(run: ApiExecutionDetail): Text[] {
  const { startedAt, method, path, gas, wallMs, id } = run;
  const head = text`${styled('dim', startedAt)} ${method} ${path} ${describeStatus(run)} ${styled('dim', `${formatMs(wallMs)}, ${formatCount(gas)} gas, ${id}`)}`;
  return [head, ...[...describeLog(run), ...describeStop(run)].map((line) => text`  ${line}`)];
}

function describeStatus({ status, httpStatus }: ApiExecutionDetail): Text {
  const label = styleStatus(status, httpStatus);
  return httpStatus === null ? label : text`${label}, HTTP ${httpStatus}`;
}

export function describeLog({ log }: ApiExecutionDetail): Text[] {
  return log.map(({ level, text: message, atMs }) => {
    const name = LEVELS[level] ?? text`level ${level}`;
    return text`${styled('dim', `+${formatMs(atMs)}`)} [${name}] ${indent(message)}`;
  });
}

export function describeStop({ trap }: ApiExecutionDetail): Text[] {
  if (trap === null) return [];
  return [styled('red', trap.message), ...trap.backtrace.map((frame) => text`    at ${frame}`)];
}

function describeHeaders(
  headers: NonNullable<ApiExecutionDetail['request']>['headers'] = [],
): Text[] {
  return headers.map(({ name, value }) => text`  ${name}: ${indent(value)}`);
}

function describeTrace({ trace }: ApiExecutionDetail): Text[] {
  return (trace ?? []).map(({ name, args, result, fault, atMs, tookMs }) => {
    const formattedArgs = args.map((arg) => `${arg.name}: ${JSON.stringify(arg.value)}`).join(', ');
    const outcome =
      fault === undefined ? (result === undefined ? '' : ` = ${result}`) : ` ! ${fault}`;
    return text`${styled('dim', `+${formatMs(atMs)}`)} ${name}(${formattedArgs})${outcome} ${styled('dim', `<${formatMs(tookMs)}>`)}`;
  });
}

function billRows(run: ApiExecutionDetail): (readonly [string, Word])[] {
  const calls = Object.entries(run.calls).sort(([, a], [, b]) => b - a);
  return [
    ['Gas', `${formatCount(run.gas)} instructions`],
    ['Memory', formatPages(run.memoryPages)],
    ['Time', formatMs(run.wallMs)],
    ['Bytes in', formatBytes(run.bytesIn)],
    ['Bytes out', formatBytes(run.bytesOut)],
    ...calls.map(([name, count]) => [name, `${formatCount(count)} calls`] as const),
    ...run.urls.map((url) => ['Opened', url] as const),
  ];
}

function output(written: string): Text[] {
  return written === '' ? [] : [text`  ${indent(written)}`];
}

/** Indents guest output, so that it cannot imitate the CLI's own lines. */
function indent(written: string): string {
  return written.trimEnd().replaceAll('\n', '\n  ');
}

function section(title: string, body: readonly Text[]): Text[] {
  return body.length === 0 ? [] : [text`\n${styled('bold', title)}`, lines(body)];
}
