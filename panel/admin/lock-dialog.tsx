import { useEffect, useState } from 'preact/hooks';
import type { ApiUser } from '../../client/index.ts';
import { ConfirmDialog } from '../components/controls/dialog.tsx';
import { TextField } from '../components/controls/field.tsx';
import { makeVisible } from '../components/text/guest-text.tsx';
import { showToast } from '../components/toast.tsx';
import { changeUser } from './change-user.ts';

export interface UserDialogProps {
  /** If undefined, the dialog is closed. */
  readonly user: ApiUser | undefined;
  readonly onClose: () => void;
  readonly onDone: () => void;
}

/** Locks a user with a reason, or unlocks a locked user. */
export function LockDialog({ user, onClose, onDone }: UserDialogProps) {
  const [reason, setReason] = useState('');
  useEffect(() => setReason(''), [user?.id]);
  const isLocked = user?.lockedAt !== null && user !== undefined;
  const name = makeVisible(user?.username ?? '');
  return (
    <ConfirmDialog
      title={`${isLocked ? 'Unlock' : 'Lock'} ${name}?`}
      isOpen={user !== undefined}
      onClose={onClose}
      action={isLocked ? 'Unlock' : 'Lock'}
      isDanger={!isLocked}
      onConfirm={async () => {
        if (user === undefined) return;
        await changeUser(user, isLocked ? { locked: false } : { locked: true, reason });
        onDone();
        showToast(`${name} is ${isLocked ? 'unlocked' : 'locked'}.`, {
          async undo() {
            await changeUser(
              user,
              isLocked ? { locked: true, reason: user.lockedReason ?? '' } : { locked: false },
            );
            onDone();
          },
        });
      }}
    >
      {isLocked ? (
        <p>The user can sign in and deploy again, and the user’s handlers accept calls again.</p>
      ) : (
        <>
          <p>
            A locked user cannot sign in or deploy, and none of the user’s handlers run. This takes
            effect immediately.
          </p>
          <TextField
            label="Reason"
            hint="Shown to the user."
            value={reason}
            onInput={setReason}
            maxLength={200}
          />
        </>
      )}
    </ConfirmDialog>
  );
}
