import { relative } from 'node:path';
import { defineCommand } from '../../parser/command.ts';
import { buildOrFail, openProject } from '../../project/file/open-project.ts';
import { formatBytes, formatCount, formatMany } from '../../../olin/quantities.ts';
import { facts } from '../../terminal/table.ts';
import { text } from '../../terminal/text.ts';

export const command = defineCommand({
  summary: 'Build the project and check the module',
  description:
    'Runs the build command in trisiel.toml, or the built-in compiler if there is none. Then checks the module as the server does: valid WebAssembly, an exported _start, and imports that the runtime provides.',
  arguments: {},
  options: {},
  examples: [{ line: 'trisiel build', what: 'Build the project in this folder.' }],
  json: 'an object: path, bytes, imports, memoryPages, features, output (of the compiler).',
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
