/** A failure as one sentence, with its place once: the parser of policies has it in its own sentence already. */

export function describeFailure(failure: {
  readonly message: string;
  readonly line?: number | undefined;
  readonly column?: number | undefined;
}): string {
  const { message, line, column = 1 } = failure;
  const place = `Line ${line}, column ${column}: `;
  return line === undefined || message.startsWith(place) ? message : place + message;
}
