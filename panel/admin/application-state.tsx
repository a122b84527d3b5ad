import type { Application } from '../../client/index.ts';
import { Badge, type Tone } from '../components/badge.tsx';

const TONES: Readonly<Record<Application['status'], Tone>> = {
  pending: 'warn',
  approved: 'good',
  refused: 'bad',
};

export function ApplicationState({ status }: { readonly status: Application['status'] }) {
  return <Badge tone={TONES[status]}>{status}</Badge>;
}
