/** Would this URL be allowed, and by which line? Answered as one types, by the runtime's own rules. */
import { useEffect, useState } from 'preact/hooks';
import type { PolicyExplanation } from '../../olin/index.ts';
import { Badge } from '../components/badge.tsx';
import { TextField } from '../components/controls/field.tsx';
import { asError } from '../components/resource.tsx';

export interface UrlQuestionProps {
  /** As it stands in the editor. */
  readonly policy: string;
  readonly onGoTo: (line: number) => void;
}

type Answer =
  | { readonly state: 'answered'; readonly explained: PolicyExplanation }
  /** The policy does not parse: what is wrong stands under the editor. */
  | { readonly state: 'broken' }
  | { readonly state: 'failed'; readonly error: Error };

export function UrlQuestion({ policy, onGoTo }: UrlQuestionProps) {
  const [url, setUrl] = useState('');
  const answer = useAnswer(policy, url.trim());
  return (
    <section class="section" aria-labelledby="question">
      <h2 id="question">Would it be allowed?</h2>
      <TextField
        label="URL"
        hint="As the guest opens it. Nothing is opened or sent."
        placeholder="https://api.example.com/v1/users"
        value={url}
        onInput={setUrl}
        maxLength={5000}
        isCode
      />
      <div class="policy-answer" role="status">
        {answer === undefined ? null : <AnswerText answer={answer} onGoTo={onGoTo} />}
      </div>
    </section>
  );
}

function AnswerText({
  answer,
  onGoTo,
}: {
  readonly answer: Answer;
  readonly onGoTo: UrlQuestionProps['onGoTo'];
}) {
  if (answer.state === 'broken') {
    return <span class="muted">The policy has a mistake. Mend it first.</span>;
  }
  if (answer.state === 'failed') {
    return <span class="muted">It could not be decided: {answer.error.message}</span>;
  }
  const { allowed, rule, why } = answer.explained;
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

/** Undefined where nothing is asked, or the runtime is still being loaded. */
function useAnswer(policy: string, url: string): Answer | undefined {
  const [answer, setAnswer] = useState<Answer>();
  useEffect(() => {
    if (url === '') return setAnswer(undefined);
    let isGone = false;
    void decideUrl(policy, url).then((decided) => isGone || setAnswer(decided));
    return () => {
      isGone = true;
    };
  }, [policy, url]);
  return answer;
}

async function decideUrl(policy: string, url: string): Promise<Answer> {
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
