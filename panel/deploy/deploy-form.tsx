import { useMemo, useRef, useState } from 'preact/hooks';
import {
  ApiError,
  take,
  type ApiHandler,
  type ApiLimits,
  type ApiVersion,
} from '../../client/index.ts';
import { api } from '../api.ts';
import { Button } from '../components/controls/button.tsx';
import { TextField } from '../components/controls/field.tsx';
import { Problem } from '../components/resource.tsx';
import { showToast } from '../components/toast.tsx';
import { fieldError, restOfError, useAction } from '../components/hooks/use-action.ts';
import { Deployed } from './deployed.tsx';
import { DropZone } from './drop-zone.tsx';
import { Findings } from './findings.tsx';
import { Progress } from './progress.tsx';
import { TargetFields, type DeployTarget } from './target.tsx';
import { sendDeployment } from './send-deployment.ts';
import type { UploadProgress } from './upload.ts';
import { useCheck } from './use-check.ts';

export interface DeployFormProps {
  readonly limits: ApiLimits;
  readonly handlers: readonly ApiHandler[];
  /** The handler named in the URL, selected initially. */
  readonly initial: ApiHandler | undefined;
}

export function DeployForm({ limits, handlers, initial }: DeployFormProps) {
  const [file, setFile] = useState<File>();
  const [round, setRound] = useState(0);
  const [target, setTarget] = useState<DeployTarget>({
    kind: initial === undefined ? 'new' : 'existing',
    name: '',
    handlerId: initial?.id ?? '',
  });
  const [note, setNote] = useState('');
  const [isActive, setActive] = useState(true);
  const [progress, setProgress] = useState<UploadProgress>();
  const [done, setDone] = useState<{ handler: ApiHandler; version: ApiVersion }>();
  const checked = useCheck(file, limits, round);
  const stopping = useRef<AbortController>(undefined);
  // Retrying after a broken connection uses the same idempotency key, so it creates no second version.
  const key = useMemo(makeKey, [checked, note, isActive, target.kind]);

  const deploying = useAction(async () => {
    if (checked.state !== 'accepted') return;
    setProgress(undefined);
    const ending = new AbortController();
    stopping.current = ending;
    const known = handlers.find(({ id }) => target.kind === 'existing' && id === target.handlerId);
    const name = known?.name ?? (target.name === '' ? await generateName() : target.name);
    // A retry uses the same generated name.
    if (known === undefined) setTarget({ ...target, name });
    const { handler, version } = await sendDeployment({
      deployment: {
        name,
        new: known === undefined,
        activate: isActive,
        ...(note === '' ? {} : { note }),
      },
      module: checked.module,
      key,
      signal: ending.signal,
      onProgress: setProgress,
    });
    setDone({ handler, version });
  });

  const stop = (): void => {
    stopping.current?.abort();
    showToast('Stopped. If the server had already received the whole upload, it is deployed.');
  };

  if (done !== undefined) {
    return (
      <Deployed
        handler={done.handler}
        version={done.version}
        onAgain={() => {
          setDone(undefined);
          setFile(undefined);
          setNote('');
        }}
      />
    );
  }
  const { error } = deploying;
  const isTaken = error instanceof ApiError && error.problem.code === 'name-taken';
  const nameError = isTaken ? error.message : fieldError(error, 'body/name');
  const noteError = fieldError(error, 'body/note');
  const rest = isTaken ? undefined : restOfError(error, ['body/name', 'body/note']);
  return (
    <form
      class="deploy"
      onSubmit={(event) => {
        event.preventDefault();
        deploying.run();
      }}
    >
      <DropZone
        file={file}
        onChoose={(chosen) => {
          deploying.reset();
          setFile(chosen);
        }}
      />
      <div class="deploy-found" aria-live="polite">
        {checked.state === 'checking' ? (
          <Progress progress={checked.progress} after="Checking the module" />
        ) : null}
        {checked.state === 'refused' ? (
          <Problem error={checked.error} onRetry={() => setRound(round + 1)} />
        ) : null}
        {checked.state === 'accepted' ? <Findings report={checked.report} /> : null}
      </div>
      <TargetFields
        target={target}
        onChange={setTarget}
        handlers={handlers}
        nameError={nameError}
      />
      <TextField
        label="Note"
        hint="What changed. Shown in the list of versions."
        value={note}
        onInput={setNote}
        maxLength={200}
        error={noteError}
      />
      <label class="choice">
        <input
          type="checkbox"
          checked={isActive}
          onChange={({ currentTarget }) => setActive(currentTarget.checked)}
        />
        Activate immediately
      </label>
      {rest === undefined ? null : <Problem error={rest} />}
      {deploying.isBusy ? <Progress progress={progress} after="Deploying" /> : null}
      <div class="actions">
        <Button
          type="submit"
          kind="primary"
          isBusy={deploying.isBusy}
          disabled={checked.state !== 'accepted'}
        >
          Deploy
        </Button>
        {deploying.isBusy ? <Button onClick={stop}>Stop</Button> : null}
        {file === undefined ? <span class="muted">Choose a module first.</span> : null}
      </div>
    </form>
  );
}

async function generateName(): Promise<string> {
  return (await take(api.GET('/api/name'))).name;
}

function makeKey(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) =>
    byte.toString(16).padStart(2, '0'),
  ).join('');
}
