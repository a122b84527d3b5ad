/** Questions between a supervisor and its processes. */

export interface Message {
  /**
   * `all`: to the supervisor, what all count; `part`: to a process, what it counts; `alive`: to a process, whether its
   * event loop still comes round.
   */
  readonly kind: 'trisiel-metrics-all' | 'trisiel-metrics-part' | 'trisiel-alive';
  readonly id: number;
}

/** The supervisor, or a process of it. */
export interface Other {
  on(event: 'message', listener: (message: unknown) => void): unknown;
  off(event: 'message', listener: (message: unknown) => void): unknown;
  send?(message: object, onSent: () => void): unknown;
}

/** A message to one that is just ending is lost, and that is all: without this it would be an error of the process. */
export const ignoreLoss = (): void => undefined;

let lastId = 0;

/** Undefined where no answer comes in time. An answer has the question's kind and id. */
export function ask(
  other: Other,
  kind: Message['kind'],
  patienceMs: number,
): Promise<object | undefined> {
  lastId += 1;
  const question: Message = { kind, id: lastId };
  return new Promise((resolve) => {
    const done = (answer: object | undefined): void => {
      clearTimeout(timer);
      other.off('message', onMessage);
      resolve(answer);
    };
    const timer = setTimeout(() => done(undefined), patienceMs).unref();
    const onMessage = (message: unknown): void => {
      if (isMessage(message, kind) && message.id === question.id) done(message);
    };
    other.on('message', onMessage);
    other.send?.(question, ignoreLoss);
  });
}

export function isMessage(message: unknown, kind: Message['kind']): message is Message {
  return (
    typeof message === 'object' &&
    message !== null &&
    'kind' in message &&
    message.kind === kind &&
    'id' in message
  );
}
