import { Type } from 'typebox';
import { closed, type Resource } from '../../route.ts';
import { nullable } from '../../schemas.ts';

export const POLICY: Resource = {
  tag: 'Policy',
  description:
    'What URLs a handler may open, and how much memory and gas a run may use, as a policy file.',
};

export const PolicyView = closed({
  policy: nullable(Type.String({ description: 'The policy file.' })),
});
