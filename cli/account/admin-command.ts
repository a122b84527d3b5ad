/** Commands that need the admin scope. */
import { ApiError } from '../../client/errors.ts';
import type { CommandSpec } from '../parser/command.ts';

/** Marks a command as one for administrators: its description and its errors say how to sign in for it. */
export function adminCommand(command: CommandSpec): CommandSpec {
  return {
    ...command,
    description: `${command.description} Administrators only; sign in with trisiel login --admin.`,
    async run(context, given) {
      try {
        return await command.run(context, given);
      } catch (error) {
        throw suggestAdminSignIn(error);
      }
    },
  };
}

/** Returns the error. If the token lacks the admin scope, its sentence says how to sign in with that scope. */
export function suggestAdminSignIn(error: unknown): unknown {
  if (!(error instanceof ApiError) || error.problem.code !== 'missing-scope') return error;
  const detail = `${error.problem.detail} Sign in for it: trisiel login --admin`;
  return new ApiError({ ...error.problem, detail });
}
