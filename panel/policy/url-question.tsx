/** Checks while the user types whether the policy allows a URL, and by which line, using the runtime's own code. */
import { useEffect, useState } from 'preact/hooks';
import type { PolicyExplanation } from '../../olin/index.ts';
import { Badge } from '../components/badge.tsx';
import { TextField } from '../components/controls/field.tsx';
import { asError } from '../components/resource.tsx';

export interface UrlQuestionProps {
  /** Current text of the editor. */
  readonly policy: string;
  readonly onGoTo: (line: number) => void;
}

type UrlDecision =
  | { readonly state: 'answered'; readonly explained: PolicyExplanation }
  /** The policy does not parse; the errors are shown below the editor. */
  | { readonly state: 'broken' }
  | { readonly state: 'failed'; readonly error: Error };

export function UrlQuestion({ policy, onGoTo }: UrlQuestionProps) {
  const [url, setUrl] = useState('');
  const decision = useUrlDecision(policy, url.trim());
  return (
    <section class="section" aria-labelledby="question">
      <h2 id="question">Test a URL</h2>
      <TextField
        label="URL"
        hint="A URL that the guest would open. No request is sent."
        placeholder="https://api.example.com/v1/users"
        value={url}
        onInput={setUrl}
        maxLength={5000}
        isCode
      />
      <div class="policy-answer" role="status">
        {decision === undefined ? null : <UrlDecisionText decision={decision} onGoTo={onGoTo} />}
      </div>
    </section>
  );
}

function UrlDecisionText({
  decision,
  onGoTo,
}: {
  readonly decision: UrlDecision;
  readonly onGoTo: UrlQuestionProps['onGoTo'];
}) {
  if (decision.state === 'broken') {
    return <span class="muted">The policy has an error. Correct it first.</span>;
  }
  if (decision.state === 'failed') {
    return <span class="muted">The URL could not be checked: {decision.error.message}</span>;
  }
  const { allowed, rule, why } = decision.explained;
  return (
    <>
      <Badge tone={allowed ? 'good' : 'bad'}>{why}</Badge>
      {rule === undefined ? null : (
        <button type="button" onClick={() => onGoTo(rule.line)}>
          Go to line {rule.line}
        </button>
      )}
    </>
  );
}

/** Returns undefined if the URL is empty or the runtime is still being loaded. */
function useUrlDecision(policy: string, url: string): UrlDecision | undefined {
  const [decision, setDecision] = useState<UrlDecision>();
  useEffect(() => {
    if (url === '') return setDecision(undefined);
    let isGone = false;
    void decideUrl(policy, url).then((decided) => isGone || setDecision(decided));
    return () => {
      isGone = true;
    };
  }, [policy, url]);
  return decision;
}

async function decideUrl(policy: string, url: string): Promise<UrlDecision> {
  try {
    const { explainPolicy, InputError, parsePolicy } = await import('../../olin/index.ts');
    try {
      return { state: 'answered', explained: explainPolicy(parsePolicy(policy), url) };
    } catch (error) {
      if (error instanceof InputError) return { state: 'broken' };
      throw error;
    }
  } catch (error) {
    return { state: 'failed', error: asError(error) };
  }
}
