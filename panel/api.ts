/** The API as the panel calls it: from its own origin, by the session of the browser. */
import { createApi } from '../client/index.ts';
import { noteStranger } from './session.ts';

export const ORIGIN = '';

export const api = createApi({ origin: ORIGIN });

api.use({
  onResponse({ response }) {
    if (response.status === 401) noteStranger();
  },
});
