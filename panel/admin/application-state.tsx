import type { ApiApplication } from '../../client/index.ts';
import { Badge, type Tone } from '../components/badge.tsx';

const TONES: Readonly<Record<ApiApplication['status'], Tone>> = {
  pending: 'warn',
  approved: 'good',
  refused: 'bad',
};

export function ApplicationState({ status }: { readonly status: ApiApplication['status'] }) {
  return <Badge tone={TONES[status]}>{status}</Badge>;
}
