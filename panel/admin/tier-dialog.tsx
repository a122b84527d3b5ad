import { useEffect, useState } from 'preact/hooks';
import { take } from '../../client/index.ts';
import { api } from '../api.ts';
import { ConfirmDialog } from '../components/controls/dialog.tsx';
import { SelectField } from '../components/controls/field.tsx';
import { makeVisible } from '../components/text/guest-text.tsx';
import { Resource, useResource } from '../components/resource.tsx';
import { showToast } from '../components/toast.tsx';
import { changeUser } from './change-user.ts';
import type { UserDialogProps } from './lock-dialog.tsx';

export function TierDialog({ user, onClose, onDone }: UserDialogProps) {
  const tiers = useResource((signal) => take(api.GET('/api/tiers', { signal })));
  const [tier, setTier] = useState(0);
  useEffect(() => setTier(user?.tier ?? 0), [user]);
  const name = makeVisible(user?.username ?? '');
  return (
    <ConfirmDialog
      title={`Tier of ${name}`}
      isOpen={user !== undefined}
      onClose={onClose}
      action="Change the tier"
      onConfirm={async () => {
        if (user === undefined || tier === user.tier) return;
        await changeUser(user, { tier });
        onDone();
        showToast(`${name} now has tier ${tier}.`, {
          async undo() {
            await changeUser(user, { tier: user.tier });
            onDone();
          },
        });
      }}
    >
      <Resource of={tiers}>
        {({ tiers: all }) => (
          <SelectField
            label="Tier"
            hint={all.find((each) => each.tier === tier)?.summary}
            value={String(tier)}
            choices={all.map((each) => [String(each.tier), `${each.tier}: ${each.name}`] as const)}
            onChoose={(chosen) => setTier(Number(chosen))}
          />
        )}
      </Resource>
      <p>The new limits apply from the next request.</p>
    </ConfirmDialog>
  );
}
