/** The policy editor, loaded when first rendered. If it cannot be loaded, a plain text field is shown. */
import { useEffect, useRef, useState } from 'preact/hooks';
import { SkeletonLines } from '../components/skeleton.tsx';
import type { Finding, PolicyEditor } from './editor.ts';

export interface EditorBoxProps {
  /**
   * Initial text. Later changes must go through {@link EditorHandle.replace}, because the editor's text may be newer
   * than the last render.
   */
  readonly value: string;
  readonly onEdit: (text: string) => void;
  readonly onSave: () => void;
  readonly findings: readonly Finding[];
  /** Called once the editor is loaded. */
  readonly onReady: (editor: EditorHandle) => void;
}

export type EditorHandle = Pick<PolicyEditor, 'replace' | 'goTo'>;

const LABEL = 'Policy file. Press Escape to leave the editor.';

export function EditorBox(props: EditorBoxProps) {
  const { value, findings } = props;
  const host = useRef<HTMLDivElement>(null);
  const leaving = useRef<HTMLSpanElement>(null);
  const policyEditor = useRef<PolicyEditor>(undefined);
  // The editor outlives a render, so its callbacks use the latest props.
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
        policyEditor.current = editor;
        latest.current.onReady(editor);
        setState('ready');
      },
      () => setState('failed'),
    );
    return () => {
      isGone = true;
      policyEditor.current?.close();
      policyEditor.current = undefined;
    };
  }, []);
  useEffect(() => policyEditor.current?.mark(findings), [findings, state]);

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
