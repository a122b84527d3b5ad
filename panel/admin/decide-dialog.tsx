import { useEffect, useState } from 'preact/hooks';
import { take, type ApiApplication } from '../../client/index.ts';
import { api } from '../api.ts';
import { ConfirmDialog } from '../components/controls/dialog.tsx';
import { TextField } from '../components/controls/field.tsx';
import { makeVisible } from '../components/text/guest-text.tsx';
import { showToast } from '../components/toast.tsx';

export interface ApplicationDecision {
  readonly application: ApiApplication;
  readonly status: 'approved' | 'refused';
}

export interface DecideDialogProps {
  /** If undefined, the dialog is closed. */
  readonly decision: ApplicationDecision | undefined;
  readonly onClose: () => void;
  readonly onDone: () => void;
}

export function DecideDialog({ decision, onClose, onDone }: DecideDialogProps) {
  const [answer, setAnswer] = useState('');
  useEffect(() => setAnswer(''), [decision?.application.id]);
  const isApproval = decision?.status === 'approved';
  const name = makeVisible(decision?.application.username ?? '');
  return (
    <ConfirmDialog
      title={`${isApproval ? 'Approve' : 'Refuse'} the application of ${name}?`}
      isOpen={decision !== undefined}
      onClose={onClose}
      action={isApproval ? 'Approve' : 'Refuse'}
      isDanger={!isApproval}
      onConfirm={async () => {
        if (decision === undefined) return;
        await take(
          api.POST('/api/admin/applications/{application}/decision', {
            params: { path: { application: decision.application.id } },
            body: { status: decision.status, ...(answer === '' ? {} : { answer }) },
          }),
        );
        showToast(`The application of ${name} is ${decision.status}.`);
        onDone();
      }}
    >
      <p>
        {isApproval
          ? 'The user gets the free tier immediately. You can change the tier later on the Users page.'
          : 'The user may apply again. A refusal cannot be undone, but you can change the tier on the Users page.'}
      </p>
      <TextField
        label="Answer"
        hint="A message to the user."
        value={answer}
        onInput={setAnswer}
        maxLength={500}
        lines={2}
      />
    </ConfirmDialog>
  );
}
