import { CopyButton } from '../controls/copy-button.tsx';
import { makeVisible } from './guest-text.tsx';
import './code-block.css';

export interface CodeBlockProps {
  readonly text: string;
  /** What it is: “Output”, “curl line”. */
  readonly label: string;
  /** Default true. */
  readonly hasCopy?: boolean;
  /** Breaks long lines; default false: they scroll. */
  readonly isWrapped?: boolean;
}

/** Code, or a text of any bytes, as it is; characters that would not be seen are made visible. */
export function CodeBlock({ text, label, hasCopy = true, isWrapped = false }: CodeBlockProps) {
  return (
    <div class={isWrapped ? 'code-block is-wrapped' : 'code-block'}>
      {/* It scrolls by itself, so the keyboard has to reach it. */}
      <pre tabIndex={0} role="region" aria-label={label}>
        {makeVisible(text)}
      </pre>
      {hasCopy ? <CopyButton text={text} label={`Copy: ${label}`} /> : null}
    </div>
  );
}
