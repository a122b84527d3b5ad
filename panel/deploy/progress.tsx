import { formatBytes } from '../../olin/quantities.ts';
import type { UploadProgress } from './upload.ts';

export interface ProgressProps {
  /** Undefined until the first bytes are sent. */
  readonly progress: UploadProgress | undefined;
  /** Text shown after the last byte is sent, such as `Checking the module`. */
  readonly after: string;
}

/** Progress bar of an upload. */
export function Progress({ progress, after }: ProgressProps) {
  const { sentBytes, totalBytes } = progress ?? { sentBytes: 0, totalBytes: 1 };
  const isSent = sentBytes >= totalBytes;
  return (
    <div class="upload-progress">
      <progress
        aria-label="Upload"
        max={totalBytes}
        // Without a value, the bar is indeterminate.
        {...(isSent ? {} : { value: sentBytes })}
      />
      <span class="numeric">
        {isSent
          ? `${after} …`
          : `${formatBytes(sentBytes)} of ${progress === undefined ? '…' : formatBytes(totalBytes)}`}
      </span>
    </div>
  );
}
