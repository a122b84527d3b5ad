/** The handlers that can be called: every example, compiled when it is first asked for. */
import { compile, parsePolicy, type CompiledModule, type Policy } from '../../olin/index.ts';
import type { LoadedExample } from '../../examples/load.ts';
import { ORIGIN } from '../../examples/types.ts';

export interface Handler {
  readonly name: string;
  readonly module: CompiledModule;
  readonly policy: Policy | undefined;
  readonly env: Readonly<Record<string, string>>;
}

export type FindHandler = (name: string) => Promise<Handler | undefined>;

/** @param origin what `{origin}` in an example's environment becomes: the web origin */
export function exampleHandlers(examples: readonly LoadedExample[], origin: string): FindHandler {
  const byName = new Map(examples.map((each) => [each.name, each]));
  return async (name) => {
    const found = byName.get(name);
    if (found === undefined) return undefined;
    const { env = {}, policy } = found.example.input;
    return {
      name,
      module: await compile(found.module),
      policy: policy === undefined ? undefined : parsePolicy(policy),
      env: Object.fromEntries(
        Object.entries(env).map(([key, value]) => [key, value.replaceAll(ORIGIN, origin)]),
      ),
    };
  };
}
