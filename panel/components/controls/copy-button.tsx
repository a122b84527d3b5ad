import { useEffect, useState } from 'preact/hooks';
import { Button } from './button.tsx';
import { Icon } from '../icon.tsx';

export interface CopyButtonProps {
  readonly text: string;
  /** What is copied, for readers of the screen: “Copy the token”. */
  readonly label: string;
  /** Shown beside the sign; default the sign alone. */
  readonly children?: string;
}

const TOLD_MS = 2000;

export function CopyButton({ text, label, children }: CopyButtonProps) {
  const [told, setTold] = useState('');
  useEffect(() => {
    if (told === '') return;
    const timer = setTimeout(() => setTold(''), TOLD_MS);
    return () => clearTimeout(timer);
  }, [told]);
  const copy = (): void => {
    navigator.clipboard.writeText(text).then(
      () => setTold('Copied'),
      () => setTold('Your browser does not let it be copied; select it by hand'),
    );
  };
  return (
    <>
      <Button kind="quiet" label={label} onClick={copy}>
        <Icon name={told === 'Copied' ? 'check' : 'copy'} />
        {children}
      </Button>
      <span class="sr-only" role="status">
        {told}
      </span>
    </>
  );
}
