import { defineCommand } from '../parser/command.ts';
import { openProject } from '../project/file/open-project.ts';
import { RUN_OPTIONS } from '../project/run-options.ts';

const DEFAULT_PORT = 4500;

export const command = defineCommand({
  summary: 'Serve the handler here, and again after each change',
  description:
    'Serves the project of this folder on 127.0.0.1, with the limits, the policy and the environment of the server, and builds it again whenever a source changes. While the sources do not build, programs get the last module that was built, and a browser is shown what the compiler says. Each request is told with its status, time, gas and memory; Ctrl-C ends with the sum. Three things are not as on the server: guests may open addresses of this machine and its network, where the policy lets them; a private handler asks for no token; an asynchronous one answers at once.',
  arguments: {},
  options: {
    port: {
      kind: 'count',
      short: 'p',
      value: 'PORT',
      minimum: 0,
      maximum: 65_535,
      default: DEFAULT_PORT,
      description: 'The port to listen on; 0 finds a free one.',
    },
    ...RUN_OPTIONS,
  },
  examples: [
    { line: 'trisiel dev', what: 'Serves http://localhost:4500/ until Ctrl-C.' },
    { line: 'trisiel dev --env-file .env', what: 'The same, with the configuration of a file.' },
  ],
  json: 'lines, each an object with "event": listening, built, failed, ignored, request, ended.',
  streams: true,
  exits: ['failure', 'usage', 'interrupted'],
  async run(context) {
    const { options, terminal } = context;
    const opened = await openProject(terminal.cwd);
    const { DevSession } = await import('../project/dev/dev-session.ts');
    await new DevSession(context, opened.folder, options).serve(options.port);
  },
});
