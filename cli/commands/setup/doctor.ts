import { defineCommand } from '../../parser/command.ts';
import type { DoctorFinding } from '../../doctor/finding.ts';
import { lines, styled, text, type Text } from '../../terminal/text.ts';

const MARKS = {
  ok: styled('green', 'ok     '),
  note: styled('yellow', 'note   '),
  problem: styled('red', 'problem'),
} as const;

export const command = defineCommand({
  summary: 'Diagnose problems with the installation and the project',
  description:
    'Checks the server, the clock, the token, Node, the compilers and trisiel.toml, and says how to fix each problem. A note concerns an optional feature and is not a problem.',
  arguments: {},
  options: {},
  examples: [{ line: 'trisiel doctor', what: 'Check everything.' }],
  json: 'an object: ok, and findings, each with about, state (ok, note, problem), found, and advice.',
  exits: ['ok', 'failure', 'usage', 'interrupted'],
  async run(context) {
    const { out, progress } = context;
    const findings = await progress.during('Checking', check());
    const isWell = findings.every(({ state }) => state !== 'problem');
    await out.give({ ok: isWell, findings }, () => describeFindings(findings));
    return isWell ? 'ok' : 'failure';

    async function check(): Promise<DoctorFinding[]> {
      const { checkMachine, checkToolchains } = await import('../../doctor/machine.ts');
      const { checkProject } = await import('../../doctor/project.ts');
      const { checkServer } = await import('../../doctor/server.ts');
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

function describeFindings(findings: readonly DoctorFinding[]): Text[] {
  const width = Math.max(...findings.map(({ about }) => about.length));
  const described = findings.map(({ about, state, found, advice }) => {
    const line = text`${MARKS[state]}  ${styled('bold', about.padEnd(width))}  ${found}`;
    if (advice === undefined) return line;
    return lines([line, text`${' '.repeat(width + 11)}${styled('cyan', advice)}`]);
  });
  const problems = findings.filter(({ state }) => state === 'problem').length;
  const summary =
    problems === 0
      ? text`\nNo problems found.`
      : text`\n${String(problems)} ${problems === 1 ? 'problem' : 'problems'} found. The fix is below ${problems === 1 ? 'it' : 'each'}.`;
  return [...described, summary];
}
