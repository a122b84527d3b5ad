import { defineCommand } from '../parser/command.ts';
import type { DoctorFinding } from '../doctor/finding.ts';
import { lines, styled, text, type Text } from '../terminal/text.ts';

const MARKS = {
  ok: styled('green', 'ok     '),
  note: styled('yellow', 'note   '),
  problem: styled('red', 'problem'),
} as const;

export const command = defineCommand({
  summary: 'Find out what is wrong, and what to do about it',
  description:
    'Looks at the server, the clocks, the token, Node, the compilers and trisiel.toml. Says of each whether it is well, and what to do where it is not. A note is no fault: something optional is missing.',
  arguments: {},
  options: {},
  examples: [{ line: 'trisiel doctor', what: 'Why does it not work?' }],
  json: 'an object: ok, and findings, each with about, state (ok, note, problem), found, and advice.',
  exits: ['ok', 'failure', 'usage', 'interrupted'],
  async run(context) {
    const { out, progress } = context;
    const findings = await progress.during('Looking', look());
    const isWell = findings.every(({ state }) => state !== 'problem');
    await out.give({ ok: isWell, findings }, () => tell(findings));
    return isWell ? 'ok' : 'failure';

    async function look(): Promise<DoctorFinding[]> {
      const { checkMachine, checkToolchains } = await import('../doctor/machine.ts');
      const { checkProject } = await import('../doctor/project.ts');
      const { checkServer } = await import('../doctor/server.ts');
      const project = await checkProject(context);
      const [server, machine, toolchains] = await Promise.all([
        checkServer(context),
        checkMachine(context),
        checkToolchains(project.build),
      ]);
      return [...server, ...machine, ...project.findings, ...toolchains];
    }
  },
});

function tell(findings: readonly DoctorFinding[]): Text[] {
  const width = Math.max(...findings.map(({ about }) => about.length));
  const told = findings.map(({ about, state, found, advice }) => {
    const line = text`${MARKS[state]}  ${styled('bold', about.padEnd(width))}  ${found}`;
    if (advice === undefined) return line;
    return lines([line, text`${' '.repeat(width + 11)}${styled('cyan', advice)}`]);
  });
  const problems = findings.filter(({ state }) => state === 'problem').length;
  const sum =
    problems === 0
      ? text`\nNothing is wrong.`
      : text`\n${String(problems)} ${problems === 1 ? 'problem' : 'problems'}: do what stands below ${problems === 1 ? 'it' : 'each'}.`;
  return [...told, sum];
}
