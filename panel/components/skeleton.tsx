import './skeleton.css';

/** A placeholder for loading content, which appears only if loading takes noticeably long. */
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
