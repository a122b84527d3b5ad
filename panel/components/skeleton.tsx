import './skeleton.css';

/** The shape of what is being loaded; it shows once that takes longer than an eye notices. */
export function SkeletonLines({ lines = 4 }: { readonly lines?: number }) {
  return (
    <div class="skeleton" role="status">
      <span class="sr-only">Loading …</span>
      {Array.from({ length: lines }, (_, at) => (
        <span key={at} class="skeleton-line" aria-hidden="true" />
      ))}
    </div>
  );
}
