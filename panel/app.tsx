/** Who is signed in, or the way to sign in. */
import { useEffect, useState } from 'preact/hooks';
import { createApi, take, type Whoami } from '../client/index.ts';

const api = createApi({ origin: '' });

export function App() {
  const [user, setUser] = useState<Whoami | null>();
  useEffect(() => {
    take(api.GET('/api/whoami')).then(setUser, () => setUser(null));
  }, []);
  if (user === undefined) return <p>Loading …</p>;
  if (user === null) {
    return (
      <main>
        <h1>Trisiel</h1>
        <a href="/login?returnTo=/panel/">Sign in</a>
      </main>
    );
  }
  return (
    <main>
      <h1>Trisiel</h1>
      <p>Signed in as {user.username}.</p>
    </main>
  );
}
