import type { ComponentChildren } from 'preact';
import './badge.css';

export type Tone = 'good' | 'bad' | 'warn' | 'calm' | 'plain';

/** A status label with a coloured dot. */
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
