/** The server's report on a module. */
import type { ApiModuleReport } from '../../client/index.ts';
import { formatBytes, formatCount, formatPages } from '../../olin/quantities.ts';
import { GuestText } from '../components/text/guest-text.tsx';

export function Findings({ report }: { readonly report: ApiModuleReport }) {
  const { bytes, functions, memoryPages, imports, exports, features, digest } = report;
  return (
    <section class="findings" aria-labelledby="findings">
      <h2 id="findings">The module is valid</h2>
      <dl>
        <dt>Size</dt>
        <dd>{formatBytes(bytes)}</dd>
        <dt>Functions</dt>
        <dd>{formatCount(functions)}</dd>
        <dt>Initial memory</dt>
        <dd>{formatPages(memoryPages)}</dd>
        <dt>Imports</dt>
        <dd>
          <Names names={imports} none="none" />
        </dd>
        <dt>Exports</dt>
        <dd>
          <Names names={exports} none="none" />
        </dd>
        <dt>Features</dt>
        <dd>
          <Names names={features} none="none beyond WebAssembly 1.0" />
        </dd>
        <dt>SHA-256</dt>
        <dd>
          <code>{digest}</code>
        </dd>
      </dl>
    </section>
  );
}

/** Shows names from the module, which may be any text. */
function Names({ names, none }: { readonly names: readonly string[]; readonly none: string }) {
  if (names.length === 0) return <span class="muted">{none}</span>;
  return (
    <ul class="names">
      {names.map((name) => (
        <li key={name}>
          <code>
            <GuestText text={name} />
          </code>
        </li>
      ))}
    </ul>
  );
}
