/** Questions between a supervisor and its processes, over their IPC channel. */

export interface Message {
  /**
   * - `metrics-all`, to the supervisor: asks for the sums of the metrics of all executor and probation processes.
   * - `metrics-part`, to a process: asks for its metrics.
   * - `alive`, to a process: answered by its event loop.
   * - `probation-start`, to the supervisor: asks for the probation process of an owner, which is started if necessary.
   * - `probation-idle`, to a probation process: asks how long it has had no call.
   * - `process-ended`, to an executor process: a process that ran guests has died. It has no response.
   * - `replace`, to the supervisor, from a process that has failed: answered when its replacement listens.
   */
  readonly kind:
    | 'trisiel-metrics-all'
    | 'trisiel-metrics-part'
    | 'trisiel-alive'
    | 'trisiel-probation-start'
    | 'trisiel-probation-idle'
    | 'trisiel-process-ended'
    | 'trisiel-replace';
  readonly id: number;
}

/** The other end of a channel: the supervisor, or one of its processes. */
export interface Peer {
  on(event: 'message', listener: (message: unknown) => void): unknown;
  off(event: 'message', listener: (message: unknown) => void): unknown;
  send(message: object | string, onSent: () => void): unknown;
}

/** Ignores an error of sending, because the process may be exiting. Without a callback it would be an uncaught error. */
export const ignoreLoss = (): void => undefined;

/** The supervisor of a process; undefined if it was started without one. */
export function supervisorOf({ env, on, off, send }: NodeJS.Process): Peer | undefined {
  // The variable distinguishes a supervisor's channel from that of another parent, such as a test runner.
  if (env['TRISIEL_PROCESS'] === undefined || send === undefined) return undefined;
  return { on: on.bind(process), off: off.bind(process), send: send.bind(process) };
}

let lastId = 0;

/**
 * Sends a question. Resolves with the answer, which repeats its kind and id, or with undefined if there is none in
 * time. @param details sent with the question
 */
export function ask(
  peer: Peer,
  kind: Message['kind'],
  patienceMs: number,
  details: object = {},
): Promise<object | undefined> {
  lastId += 1;
  const question: Message = { ...details, kind, id: lastId };
  return new Promise((resolve) => {
    const done = (answer: object | undefined): void => {
      clearTimeout(timer);
      peer.off('message', onMessage);
      resolve(answer);
    };
    const timer = setTimeout(() => done(undefined), patienceMs).unref();
    const onMessage = (message: unknown): void => {
      if (isMessage(message, kind) && message.id === question.id) done(message);
    };
    peer.on('message', onMessage);
    peer.send(question, ignoreLoss);
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
