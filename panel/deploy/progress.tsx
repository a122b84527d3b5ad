import { formatBytes } from '../components/text/format.ts';
import type { UploadProgress } from './upload.ts';

export interface ProgressProps {
  /** Undefined before the first of it is sent. */
  readonly progress: UploadProgress | undefined;
  /** What is done when all is sent, such as `It is being checked`. */
  readonly after: string;
}

/** How much of an upload is sent. */
export function Progress({ progress, after }: ProgressProps) {
  const { sentBytes, totalBytes } = progress ?? { sentBytes: 0, totalBytes: 1 };
  const isSent = sentBytes >= totalBytes;
  return (
    <div class="upload-progress">
      <progress
        aria-label="Upload"
        max={totalBytes}
        // Without a value it shows that something is under way, and not how much.
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
