import { useState } from 'preact/hooks';
import type { ExecutionDetail } from '../../client/index.ts';
import { hexDump } from '../call/body-view.ts';
import { CodeBlock } from '../components/text/code-block.tsx';
import { formatBytes } from '../components/text/format.ts';

export interface OutputProps {
  readonly title: string;
  readonly bytes: ExecutionDetail['output'];
  /** What to say where there is none. */
  readonly none: string;
}

const FORMS = ['Text', 'Hex'] as const;

/** What a guest wrote, as text or byte by byte. */
export function Output({ title, bytes, none }: OutputProps) {
  const raw = Uint8Array.from(atob(bytes.base64), (character) => character.charCodeAt(0));
  const [form, setForm] = useState<(typeof FORMS)[number]>(isText(raw) ? 'Text' : 'Hex');
  return (
    <section class="section">
      <div class="output-head">
        <h2>{title}</h2>
        {raw.length === 0 ? null : (
          <fieldset class="forms">
            <legend class="sr-only">Form of: {title}</legend>
            <span class="muted">{formatBytes(raw.length)}</span>
            {FORMS.map((each) => (
              <label key={each}>
                <input
                  type="radio"
                  name={title}
                  checked={form === each}
                  onChange={() => setForm(each)}
                />
                {each}
              </label>
            ))}
          </fieldset>
        )}
      </div>
      {raw.length === 0 ? (
        <p class="muted">{none}</p>
      ) : (
        <CodeBlock
          label={title}
          text={form === 'Text' ? bytes.text.replaceAll('\r\n', '\n') : hexDump(raw)}
          isWrapped={form === 'Text'}
        />
      )}
    </section>
  );
}

function isText(bytes: Uint8Array): boolean {
  try {
    return !new TextDecoder('utf-8', { fatal: true }).decode(bytes).includes('\0');
  } catch {
    return false;
  }
}
