/** The editor, loaded when it is first drawn; a plain text field where it cannot be. */
import { useEffect, useRef, useState } from 'preact/hooks';
import { SkeletonLines } from '../components/skeleton.tsx';
import type { Finding, PolicyEditor } from './editor.ts';

export interface EditorBoxProps {
  /** The editor takes it when it is made, and later by {@link EditorHandle.replace} alone: typing is ahead of drawing. */
  readonly value: string;
  readonly onEdit: (text: string) => void;
  readonly onSave: () => void;
  readonly findings: readonly Finding[];
  /** Told once the editor is there. */
  readonly onReady: (editor: EditorHandle) => void;
}

export type EditorHandle = Pick<PolicyEditor, 'replace' | 'goTo'>;

const LABEL = 'Policy file. Escape leaves the editor.';

export function EditorBox(props: EditorBoxProps) {
  const { value, findings } = props;
  const host = useRef<HTMLDivElement>(null);
  const leaving = useRef<HTMLSpanElement>(null);
  const made = useRef<PolicyEditor>(undefined);
  // The editor lives longer than one drawing of the page, and calls what is there by then.
  const latest = useRef(props);
  latest.current = props;
  const [state, setState] = useState<'loading' | 'ready' | 'failed'>('loading');

  useEffect(() => {
    let isGone = false;
    import('./editor.ts').then(
      ({ createPolicyEditor }) => {
        if (isGone || host.current === null) return;
        const editor = createPolicyEditor(host.current, {
          value: latest.current.value,
          label: LABEL,
          onEdit: (text) => latest.current.onEdit(text),
          onSave: () => latest.current.onSave(),
          onLeave: () => leaving.current?.focus(),
        });
        made.current = editor;
        latest.current.onReady(editor);
        setState('ready');
      },
      () => setState('failed'),
    );
    return () => {
      isGone = true;
      made.current?.close();
      made.current = undefined;
    };
  }, []);
  useEffect(() => made.current?.mark(findings), [findings, state]);

  if (state === 'failed') {
    return (
      <textarea
        class="input mono policy-plain"
        rows={14}
        aria-label="Policy file"
        spellcheck={false}
        value={value}
        onInput={({ currentTarget }) => props.onEdit(currentTarget.value)}
      />
    );
  }
  return (
    <>
      {state === 'loading' ? <SkeletonLines lines={6} /> : null}
      <div class="policy-editor" ref={host} hidden={state === 'loading'} />
      <span tabIndex={-1} ref={leaving} />
    </>
  );
}
