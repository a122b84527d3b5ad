import type { ComponentChildren } from 'preact';
import './badge.css';

export type Tone = 'good' | 'bad' | 'warn' | 'calm' | 'plain';

/** A state in a word, with a dot in its colour. */
export function Badge({
  tone,
  children,
}: {
  readonly tone: Tone;
  readonly children: ComponentChildren;
}) {
  return (
    <span class={`badge badge-${tone}`}>
      <span>{children}</span>
    </span>
  );
}
