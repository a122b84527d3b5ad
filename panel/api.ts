/** The panel's API client: same origin, authenticated by the session cookie. */
import { createApi } from '../client/index.ts';
import { markSignedOut } from './session.ts';

export const ORIGIN = '';

export const api = createApi({ origin: ORIGIN });

api.use({
  onResponse({ response }) {
    if (response.status === 401) markSignedOut();
  },
});
