import { relative } from 'node:path';
import { defineCommand } from '../parser/command.ts';
import { buildOrFail, openProject } from '../project/file/open-project.ts';
import { formatBytes, formatCount, formatMany } from '../../olin/quantities.ts';
import { facts } from '../terminal/table.ts';
import { text } from '../terminal/text.ts';

export const command = defineCommand({
  summary: 'Build the module, and check that the runtime takes it',
  description:
    'Runs the build command of trisiel.toml. Without one, compiles main.as or main.wat itself. Then checks the module as the server will: well-formed, a _start, imports that the runtime has.',
  arguments: {},
  options: {},
  examples: [{ line: 'trisiel build', what: 'Builds what trisiel.toml describes.' }],
  json: 'an object: path, bytes, imports, memoryPages, features, output (what the compiler said).',
  exits: ['ok', 'failure', 'usage', 'interrupted'],
  async run(context) {
    const { out, terminal } = context;
    const opened = await openProject(terminal.cwd);
    const { path, bytes, report, output } = await buildOrFail(context, opened);
    const imports = report.imports.map(({ module, name }) => `${module}.${name}`);
    const memoryPages = report.memories.reduce((sum, { min }) => sum + min, 0);
    const value = {
      path,
      bytes: bytes.length,
      imports,
      memoryPages,
      features: report.features,
      output,
    };
    await out.give(value, () => [
      facts([
        ['Module', relative(terminal.cwd, path)],
        ['Size', `${formatBytes(bytes.length)}, ${formatCount(report.functions)} functions`],
        ['Memory', `${formatMany(memoryPages, 'page')} of 64 KiB at the start`],
        ['Imports', imports.length === 0 ? 'none' : imports.join(', ')],
        ...(report.features.length === 0 ? [] : [['Needs', report.features.join(', ')] as const]),
      ]),
      text`The runtime can run it.`,
    ]);
  },
});
