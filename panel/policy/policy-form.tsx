import { useRef, useState } from 'preact/hooks';
import { take, type ApiHandler } from '../../client/index.ts';
import { api } from '../api.ts';
import { Badge } from '../components/badge.tsx';
import { Button } from '../components/controls/button.tsx';
import { ConfirmDialog } from '../components/controls/dialog.tsx';
import { dropDraft, useDraft } from '../components/controls/drafts.ts';
import { formatCount, formatPages } from '../../olin/quantities.ts';
import { Problem } from '../components/resource.tsx';
import { showToast } from '../components/toast.tsx';
import { useAction } from '../components/hooks/use-action.ts';
import { EditorBox, type EditorHandle } from './editor-box.tsx';
import type { Finding } from './editor.ts';
import { UrlQuestion } from './url-question.tsx';
import { usePolicyCheck, type PolicyVerdict } from './use-policy-check.ts';

export interface PolicyFormProps {
  readonly handler: ApiHandler;
  /** Null if the handler has no policy. */
  readonly saved: string | null;
  readonly onSaved: (policy: string | null) => void;
}

const NO_FINDINGS: readonly Finding[] = [];

export function PolicyForm({ handler, saved, onSaved }: PolicyFormProps) {
  const savedText = saved ?? '';
  const draft = `policy ${handler.id}`;
  const [text, edit] = useDraft(draft, savedText);
  const [isRemoving, setRemoving] = useState(false);
  const editor = useRef<EditorHandle>(undefined);
  const verdict = usePolicyCheck(text);
  const isDirty = text !== savedText;
  const isRemoval = text.trim() === '' && saved !== null;

  const replace = (next: string): void => {
    edit(next);
    editor.current?.replace(next);
  };
  const put = async (policy: string | null): Promise<void> => {
    await take(
      api.PUT('/api/handlers/{handler}/policy', {
        params: { path: { handler: handler.id } },
        body: { policy },
      }),
    );
    dropDraft(draft);
    onSaved(policy);
  };
  const save = async (): Promise<void> => {
    const before = saved;
    await put(text.trim() === '' ? null : text);
    showToast(
      text.trim() === ''
        ? `The policy of ${handler.name} is removed.`
        : `The policy of ${handler.name} is saved and applies from the next run.`,
      {
        async undo() {
          await put(before);
          replace(before ?? '');
        },
      },
    );
  };
  const saving = useAction(save);
  const begin = (): void => {
    if (!isDirty) return;
    if (isRemoval) setRemoving(true);
    else saving.run();
  };

  const findings = verdict.state === 'checked' ? verdict.check.problems : NO_FINDINGS;
  return (
    <>
      <EditorBox
        value={text}
        onEdit={edit}
        onSave={begin}
        findings={findings}
        onReady={(made) => (editor.current = made)}
      />
      <div class="policy-status">
        <div role="status">
          <Verdict verdict={verdict} isEmpty={text.trim() === ''} />
        </div>
        <div class="actions">
          {isDirty ? <Badge tone="warn">not saved</Badge> : <Badge tone="plain">saved</Badge>}
          {isDirty ? <Button onClick={() => replace(savedText)}>Discard</Button> : null}
          <Button
            kind="primary"
            isBusy={saving.isBusy}
            disabled={!isDirty || findings.length > 0}
            onClick={begin}
          >
            {isRemoval ? 'Remove policy' : 'Save'}
          </Button>
        </div>
      </div>
      {findings.length === 0 ? null : (
        <ul class="policy-findings">
          {findings.map((finding) => (
            <li key={`${finding.line}:${finding.column}`}>
              <button type="button" onClick={() => editor.current?.goTo(finding)}>
                {finding.message}
              </button>
            </li>
          ))}
        </ul>
      )}
      {saving.error === undefined ? null : <Problem error={saving.error} />}
      <UrlQuestion policy={text} onGoTo={(line) => editor.current?.goTo({ line, column: 1 })} />
      <ConfirmDialog
        title="Remove the policy?"
        isOpen={isRemoving}
        onClose={() => setRemoving(false)}
        action="Remove policy"
        isDanger
        onConfirm={save}
      >
        <p>
          Without a policy, <strong>{handler.name}</strong> may open every URL that guests may open,
          with 128 pages of memory and 33,554,432 gas per run.
        </p>
      </ConfirmDialog>
    </>
  );
}

function Verdict({
  verdict,
  isEmpty,
}: {
  readonly verdict: PolicyVerdict;
  readonly isEmpty: boolean;
}) {
  if (verdict.state === 'checking') return <span class="muted">Checking …</span>;
  if (verdict.state === 'failed') {
    return <span class="muted">The policy could not be checked: {verdict.error.message}</span>;
  }
  const { problems, ramPageLimit, gasLimit } = verdict.check;
  if (problems.length > 0) return <Badge tone="bad">invalid</Badge>;
  const limits =
    ramPageLimit === undefined || gasLimit === undefined
      ? ''
      : `${formatPages(ramPageLimit)}, ${formatCount(gasLimit)} gas per run`;
  return (
    <Badge tone="good">
      {isEmpty ? 'no policy' : 'valid'}
      {limits === '' ? '' : `: ${limits}`}
    </Badge>
  );
}
