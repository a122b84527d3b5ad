/** Area to drop or choose a module. It is a file input, so it works by keyboard too. */
import { useEffect, useState } from 'preact/hooks';
import { formatBytes } from '../../olin/quantities.ts';

export interface DropZoneProps {
  /** Undefined until a file is chosen. */
  readonly file: File | undefined;
  readonly onChoose: (file: File) => void;
}

export function DropZone({ file, onChoose }: DropZoneProps) {
  const [isOver, setOver] = useState(false);
  useEffect(() => {
    // By default, a file dropped outside the area would replace the page and lose its input.
    const prevent = (event: DragEvent): void => event.preventDefault();
    globalThis.addEventListener('dragover', prevent);
    globalThis.addEventListener('drop', prevent);
    return () => {
      globalThis.removeEventListener('dragover', prevent);
      globalThis.removeEventListener('drop', prevent);
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
          // Without this, choosing the same file again after a new build causes no event.
          currentTarget.value = '';
        }}
      />
      {file === undefined ? (
        <>
          <strong>Drop a module here, or click to choose one</strong>
          <span class="muted">A .wasm file that exports _start.</span>
        </>
      ) : (
        <>
          <strong>
            <bdi>{file.name}</bdi>
          </strong>
          <span class="muted">
            {formatBytes(file.size)}. Drop or choose another file to replace it.
          </span>
        </>
      )}
    </label>
  );
}
