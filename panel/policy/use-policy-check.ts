/** Lets the server check a policy while the user types. */
import { useEffect, useState } from 'preact/hooks';
import { isAbort, take, type PolicyCheck } from '../../client/index.ts';
import { api } from '../api.ts';
import { asError } from '../components/resource.tsx';

export type PolicyVerdict =
  | { readonly state: 'checking' }
  | { readonly state: 'failed'; readonly error: Error }
  | { readonly state: 'checked'; readonly check: PolicyCheck };

/** Debounce delay. */
const DEBOUNCE_MS = 300;

export function usePolicyCheck(text: string): PolicyVerdict {
  const [verdict, setVerdict] = useState<PolicyVerdict>({ state: 'checking' });
  useEffect(() => {
    const ending = new AbortController();
    const update = (next: PolicyVerdict): void => {
      if (!ending.signal.aborted) setVerdict(next);
    };
    update({ state: 'checking' });
    const timer = setTimeout(() => {
      take(api.POST('/api/policy/check', { body: { text }, signal: ending.signal })).then(
        (check) => update({ state: 'checked', check }),
        (error: unknown) => isAbort(error) || update({ state: 'failed', error: asError(error) }),
      );
    }, DEBOUNCE_MS);
    return () => {
      clearTimeout(timer);
      ending.abort();
    };
  }, [text]);
  return verdict;
}
