/** Where a module is dropped, or chosen: a file input that looks like a place, so that the keyboard has it as well. */
import { useEffect, useState } from 'preact/hooks';
import { formatBytes } from '../components/text/format.ts';

export interface DropZoneProps {
  /** Undefined before one was chosen. */
  readonly file: File | undefined;
  readonly onChoose: (file: File) => void;
}

export function DropZone({ file, onChoose }: DropZoneProps) {
  const [isOver, setOver] = useState(false);
  useEffect(() => {
    // A file that misses the place would take the browser to itself, and the page with all that is typed away.
    const keep = (event: DragEvent): void => event.preventDefault();
    globalThis.addEventListener('dragover', keep);
    globalThis.addEventListener('drop', keep);
    return () => {
      globalThis.removeEventListener('dragover', keep);
      globalThis.removeEventListener('drop', keep);
    };
  }, []);
  const choose = (files: FileList | null | undefined): void => {
    const chosen = files?.[0];
    if (chosen !== undefined) onChoose(chosen);
  };
  return (
    <label
      class={isOver ? 'drop-zone is-over' : 'drop-zone'}
      onDragOver={() => setOver(true)}
      onDragLeave={() => setOver(false)}
      onDrop={(event) => {
        setOver(false);
        choose(event.dataTransfer?.files);
      }}
    >
      <input
        type="file"
        class="sr-only"
        accept=".wasm,application/wasm"
        onChange={({ currentTarget }) => {
          choose(currentTarget.files);
          // So that choosing the same file again, built anew, is told.
          currentTarget.value = '';
        }}
      />
      {file === undefined ? (
        <>
          <strong>Drop a module here, or choose one</strong>
          <span class="muted">A .wasm file with a function _start.</span>
        </>
      ) : (
        <>
          <strong>
            <bdi>{file.name}</bdi>
          </strong>
          <span class="muted">{formatBytes(file.size)}. Drop or choose another in its place.</span>
        </>
      )}
    </label>
  );
}
