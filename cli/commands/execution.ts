import { take } from '../../client/api.ts';
import { defineCommand } from '../parser/command.ts';
import { describeExecution } from '../handler/execution-text.ts';
import { SERVER_EXITS } from '../exit-codes.ts';

export const command = defineCommand({
  summary: 'Show an execution',
  description:
    'Shows one run whole: request, how it ended, log, trap with its backtrace, output, trace where the handler keeps one, and the bill.',
  arguments: {
    execution: {
      value: 'ID',
      description: 'Its id, as the header Trisiel-Execution of a reply has it.',
    },
  },
  options: {},
  examples: [
    {
      line: 'trisiel execution 0193a5b0-6d6e-7c7a-8d57-3f0a6e3a2b11',
      what: 'Why did this call fail?',
    },
  ],
  json: 'an object with all that is kept of the run: request, status, log, trap, output, errorOutput, trace, and the bill.',
  exits: SERVER_EXITS,
  async run({ api: connect, args, out }) {
    const api = await connect();
    const path = { execution: args.execution };
    const run = await take(api.GET('/api/executions/{execution}', { params: { path } }));
    await out.give(run, () => describeExecution(run));
  },
});
