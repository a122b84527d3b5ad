import { CopyButton } from '../controls/copy-button.tsx';
import { makeVisible } from './guest-text.tsx';
import './code-block.css';

export interface CodeBlockProps {
  readonly text: string;
  /** Accessible name, such as “Output” or “curl command”. */
  readonly label: string;
  /** Default true. */
  readonly hasCopy?: boolean;
  /** Wraps long lines; default false, in which case they scroll. */
  readonly isWrapped?: boolean;
}

/** Shows code or arbitrary text verbatim, except that invisible characters are made visible. */
export function CodeBlock({ text, label, hasCopy = true, isWrapped = false }: CodeBlockProps) {
  return (
    <div class={isWrapped ? 'code-block is-wrapped' : 'code-block'}>
      {/* A scrollable element must be reachable by keyboard. */}
      <pre tabIndex={0} role="region" aria-label={label}>
        {makeVisible(text)}
      </pre>
      {hasCopy ? <CopyButton text={text} label={`Copy: ${label}`} /> : null}
    </div>
  );
}
