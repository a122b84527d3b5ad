import { Type } from 'typebox';
import { isNameTaken } from '../../../db/handlers/handlers.ts';
import { generateName } from '../../handlers/names.ts';
import { closed, userRoute } from '../../route.ts';
import { HANDLERS } from './resource.ts';

export const route = userRoute({
  method: 'GET',
  path: '/api/name',
  resource: HANDLERS,
  summary: 'Generate a handler name',
  description: 'A name that no handler has. It is not reserved.',
  user: { scope: 'handlers:read' },
  success: {
    status: 200,
    description: 'The name.',
    schema: closed({ name: Type.String({ description: 'Such as `brave-otter-417`.' }) }),
  },
  async handle({ services }) {
    let name = generateName();
    while (await isNameTaken(services.db, name)) name = generateName();
    return { name };
  },
});
