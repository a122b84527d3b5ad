import { useState } from 'preact/hooks';
import type { ApiExecutionDetail } from '../../client/index.ts';
import { hexDump } from '../call/body-view.ts';
import { CodeBlock } from '../components/text/code-block.tsx';
import { formatBytes } from '../../olin/quantities.ts';

export interface OutputProps {
  readonly title: string;
  readonly bytes: ApiExecutionDetail['output'];
  /** Shown if there is no output. */
  readonly none: string;
}

const FORMATS = ['Text', 'Hex'] as const;

/** Shows a guest's output as text or as a hex dump. */
export function Output({ title, bytes, none }: OutputProps) {
  const raw = Uint8Array.from(atob(bytes.base64), (character) => character.charCodeAt(0));
  const [format, setFormat] = useState<(typeof FORMATS)[number]>(isText(raw) ? 'Text' : 'Hex');
  return (
    <section class="section">
      <div class="output-head">
        <h2>{title}</h2>
        {raw.length === 0 ? null : (
          <fieldset class="forms">
            <legend class="sr-only">Format of: {title}</legend>
            <span class="muted">{formatBytes(raw.length)}</span>
            {FORMATS.map((each) => (
              <label key={each}>
                <input
                  type="radio"
                  name={title}
                  checked={format === each}
                  onChange={() => setFormat(each)}
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
          text={format === 'Text' ? bytes.text.replaceAll('\r\n', '\n') : hexDump(raw)}
          isWrapped={format === 'Text'}
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
