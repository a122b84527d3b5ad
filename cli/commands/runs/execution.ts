import { take } from '../../../client/api.ts';
import { defineCommand } from '../../parser/command.ts';
import { describeExecution } from '../../handler/execution-text.ts';
import { SERVER_EXITS } from '../../exit-codes.ts';

export const command = defineCommand({
  summary: 'Show an execution',
  description:
    'Shows everything about one execution: request, result, log, trap with backtrace, output, trace if the handler records one, and the bill.',
  arguments: {
    execution: {
      value: 'ID',
      description: 'The execution ID, from the Trisiel-Execution header of the response.',
    },
  },
  options: {},
  examples: [
    {
      line: 'trisiel execution 0193a5b0-6d6e-7c7a-8d57-3f0a6e3a2b11',
      what: 'Find out why a call failed.',
    },
  ],
  json: 'an object with everything recorded about the execution: request, status, log, trap, output, errorOutput, trace, and the bill.',
  exits: SERVER_EXITS,
  async run({ api: connect, args, out }) {
    const api = await connect();
    const path = { execution: args.execution };
    const run = await take(api.GET('/api/executions/{execution}', { params: { path } }));
    await out.give(run, () => describeExecution(run));
  },
});
