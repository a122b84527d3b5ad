/** Asks the user questions at the terminal. Without a terminal, options must provide the answers. */
import type { CANCEL_SYMBOL } from '@clack/prompts';
import { Interrupted, UsageError } from '../errors.ts';
import { makeVisible } from '../olin/visible.ts';
import type { Terminal } from './terminal.ts';

export class Ask {
  /** Whether there is an interactive terminal. */
  readonly isPossible: boolean;
  readonly #terminal: Terminal;

  constructor(terminal: Terminal, isJson: boolean) {
    this.#terminal = terminal;
    this.isPossible = !isJson && terminal.stdin.isTTY === true && terminal.stdout.isTTY === true;
  }

  /** @param otherwise advice if there is no interactive terminal, such as `Pass --yes` */
  async confirm(message: string, otherwise: string): Promise<boolean> {
    const { confirm } = await this.#prompts(otherwise);
    return settle(
      await confirm({ message: makeVisible(message), initialValue: false, ...this.#streams() }),
    );
  }

  /** Reads a line. `check` returns an error message for invalid input. */
  async line(
    message: string,
    otherwise: string,
    check?: (line: string) => string | undefined,
    placeholder?: string,
  ): Promise<string> {
    const { text } = await this.#prompts(otherwise);
    return settle(
      await text({
        message: makeVisible(message),
        ...(placeholder === undefined ? {} : { placeholder, defaultValue: placeholder }),
        validate: (line) => check?.(line ?? placeholder ?? ''),
        ...this.#streams(),
      }),
    );
  }

  /** Reads a line without echo. */
  async secret(message: string, otherwise: string): Promise<string> {
    const { password } = await this.#prompts(otherwise);
    return settle(await password({ message: makeVisible(message), ...this.#streams() }));
  }

  async choose<Value extends string>(
    message: string,
    otherwise: string,
    choices: readonly { readonly value: Value; readonly label: string; readonly hint?: string }[],
  ): Promise<Value> {
    const { select } = await this.#prompts(otherwise);
    const chosen = settle(
      await select<string>({
        message: makeVisible(message),
        options: choices.map((each) => ({ ...each })),
        ...this.#streams(),
      }),
    );
    const found = choices.find(({ value }) => value === chosen);
    if (found === undefined) throw new Interrupted();
    return found.value;
  }

  #streams() {
    return { input: this.#terminal.stdin, output: this.#terminal.stdout };
  }

  async #prompts(otherwise: string) {
    if (this.isPossible) return import('@clack/prompts');
    throw new UsageError(`This needs an interactive terminal. ${otherwise}.`);
  }
}

/** Cancelling a question with Ctrl-C or Escape ends the command. */
function settle<Value extends string | boolean>(given: Value | typeof CANCEL_SYMBOL): Value {
  if (typeof given === 'symbol') throw new Interrupted();
  return given;
}
