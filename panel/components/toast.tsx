/** Notifications of completed actions, with an optional Undo button. */
import { signal } from '@preact/signals';
import { useEffect, useState } from 'preact/hooks';
import { Button } from './controls/button.tsx';
import './toast.css';

export interface ToastOptions {
  /** Reverts the action. If it throws, the error is shown in another toast. */
  readonly undo?: () => Promise<void>;
}

interface Toast extends ToastOptions {
  readonly id: number;
  readonly text: string;
}

/** Long enough to read the toast and reach its buttons. The timer is stopped while the toast is hovered or focused. */
const SHOWN_MS = 8000;

const toasts = signal<readonly Toast[]>([]);
let lastId = 0;

/** @param text a sentence */
export function showToast(text: string, options: ToastOptions = {}): void {
  lastId += 1;
  toasts.value = [...toasts.value, { ...options, id: lastId, text }];
}

function dismiss(id: number): void {
  toasts.value = toasts.value.filter((each) => each.id !== id);
}

export function Toasts() {
  return (
    <div class="toasts" role="status">
      {toasts.value.map((toast) => (
        <ToastCard key={toast.id} toast={toast} />
      ))}
    </div>
  );
}

function ToastCard({ toast }: { readonly toast: Toast }) {
  const { id, text, undo } = toast;
  const [isHeld, setHeld] = useState(false);
  const [isBusy, setBusy] = useState(false);
  useEffect(() => {
    if (isHeld || isBusy) return;
    const timer = setTimeout(() => dismiss(id), SHOWN_MS);
    return () => clearTimeout(timer);
  }, [isHeld, isBusy]);

  const revert = async (): Promise<void> => {
    setBusy(true);
    try {
      await undo?.();
    } catch (error) {
      showToast(error instanceof Error ? error.message : 'The action could not be undone.');
    } finally {
      dismiss(id);
    }
  };
  return (
    <div
      class="toast"
      onMouseEnter={() => setHeld(true)}
      onMouseLeave={() => setHeld(false)}
      onFocusCapture={() => setHeld(true)}
      onBlurCapture={() => setHeld(false)}
    >
      <span>{text}</span>
      {undo === undefined ? null : (
        <Button isBusy={isBusy} onClick={() => void revert()}>
          Undo
        </Button>
      )}
      <Button kind="quiet" label="Dismiss" onClick={() => dismiss(id)}>
        ✕
      </Button>
    </div>
  );
}
