import { defineCommand } from '../../parser/command.ts';
import { openProject } from '../../project/file/open-project.ts';
import { RUN_OPTIONS } from '../../project/run-options.ts';

const DEFAULT_PORT = 4500;

export const command = defineCommand({
  summary: 'Serve the project locally and rebuild on changes',
  description:
    'Serves the project in this folder on 127.0.0.1, with the limits, policy and configuration that it has on a server, and rebuilds it when a source changes. If a build fails, browsers see the compiler’s output, and other clients get the last module that was built. Each request is logged with its status, time, gas and memory; Ctrl-C prints the totals. There are three differences from a server: guests can open addresses of this machine and its network if the policy allows them, private handlers require no token, and asynchronous handlers respond at once.',
  arguments: {},
  options: {
    port: {
      kind: 'count',
      short: 'p',
      value: 'PORT',
      minimum: 0,
      maximum: 65_535,
      default: DEFAULT_PORT,
      description: 'The port to listen on; 0 picks a free one.',
    },
    ...RUN_OPTIONS,
  },
  examples: [
    { line: 'trisiel dev', what: 'Serve http://localhost:4500/ until Ctrl-C.' },
    { line: 'trisiel dev --env-file .env', what: 'Use the configuration in a file.' },
  ],
  json: 'lines, each an object with "event": listening, built, failed, ignored, request, ended.',
  streams: true,
  exits: ['failure', 'usage', 'interrupted'],
  async run(context) {
    const { options, terminal } = context;
    const opened = await openProject(terminal.cwd);
    const { DevSession } = await import('../../project/dev/dev-session.ts');
    await new DevSession(context, opened.folder, options).serve(options.port);
  },
});
