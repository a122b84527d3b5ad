import { useEffect, useState } from 'preact/hooks';
import { Button } from './button.tsx';
import { Icon } from '../icon.tsx';

export interface CopyButtonProps {
  readonly text: string;
  /** Accessible name: “Copy the token”. */
  readonly label: string;
  /** Text beside the icon; default none. */
  readonly children?: string;
}

const STATUS_MS = 2000;

export function CopyButton({ text, label, children }: CopyButtonProps) {
  const [status, setStatus] = useState('');
  useEffect(() => {
    if (status === '') return;
    const timer = setTimeout(() => setStatus(''), STATUS_MS);
    return () => clearTimeout(timer);
  }, [status]);
  const copy = (): void => {
    navigator.clipboard.writeText(text).then(
      () => setStatus('Copied'),
      () => setStatus('Your browser blocked copying. Select the text and copy it manually.'),
    );
  };
  return (
    <>
      <Button kind="quiet" label={label} onClick={copy}>
        <Icon name={status === 'Copied' ? 'check' : 'copy'} />
        {children}
      </Button>
      <span class="sr-only" role="status">
        {status}
      </span>
    </>
  );
}
