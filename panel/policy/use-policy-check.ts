/** What the server says of a policy while it is typed. */
import { useEffect, useState } from 'preact/hooks';
import { isAbort, take, type PolicyCheck } from '../../client/index.ts';
import { api } from '../api.ts';
import { asError } from '../components/resource.tsx';

export type PolicyVerdict =
  | { readonly state: 'checking' }
  | { readonly state: 'failed'; readonly error: Error }
  | { readonly state: 'checked'; readonly check: PolicyCheck };

/** Typing rests so long before it is asked. */
const REST_MS = 300;

export function usePolicyCheck(text: string): PolicyVerdict {
  const [verdict, setVerdict] = useState<PolicyVerdict>({ state: 'checking' });
  useEffect(() => {
    const ending = new AbortController();
    const tell = (next: PolicyVerdict): void => {
      if (!ending.signal.aborted) setVerdict(next);
    };
    tell({ state: 'checking' });
    const timer = setTimeout(() => {
      take(api.POST('/api/policy/check', { body: { text }, signal: ending.signal })).then(
        (check) => tell({ state: 'checked', check }),
        (error: unknown) => isAbort(error) || tell({ state: 'failed', error: asError(error) }),
      );
    }, REST_MS);
    return () => {
      clearTimeout(timer);
      ending.abort();
    };
  }, [text]);
  return verdict;
}
