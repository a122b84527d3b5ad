/** Formats a failure as one sentence with its position. The policy parser's messages already contain the position. */

export function describeFailure(failure: {
  readonly message: string;
  readonly line?: number | undefined;
  readonly column?: number | undefined;
}): string {
  const { message, line, column = 1 } = failure;
  const position = `Line ${line}, column ${column}: `;
  return line === undefined || message.startsWith(position) ? message : position + message;
}
