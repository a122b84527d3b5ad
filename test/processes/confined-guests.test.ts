/** Checks the statements of the security page about executor processes from outside, on a local server. */
import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { findFreePort } from '../../scripts/services/free-port.ts';
import { readConfig } from '../../server/config.ts';
import { Confinement } from '../../server/process/confinement/confinement.ts';
import { prepareForGuests } from '../../server/process/confinement/guest-rights.ts';
import { Supervisor } from '../../server/process/supervisor/supervisor.ts';
import { atEnd } from '../setup/at-end.ts';
import { untilReady } from '../setup/servers/started-server.ts';

const confinement = await Confinement.open();
const isWhole = Object.values(confinement.enforced).every(Boolean);

test(
  'an executor process works without privileges, and with only its settings',
  { skip: !isWhole },
  async (t) => {
    const folder = await mkdtemp(join(tmpdir(), 'trisiel-confined-'));
    atEnd(t, () => rm(folder, { recursive: true, force: true }));
    const [web, run] = [await findFreePort(), await findFreePort()];
    const env = { DATA_DIR: folder, DATABASE_URL: '', PORT: String(web), RUN_PORT: String(run) };
    const config = readConfig(env, { web, run });
    await prepareForGuests(config);
    const supervisor = new Supervisor({
      context: { config, confinement },
      env,
      say: () => undefined,
    });
    atEnd(t, () => supervisor.stop());
    await Promise.all([supervisor.keep('web'), supervisor.keep('guest')]);
    const origin = `http://127.0.0.1:${run}`;
    await untilReady(origin);
    const answer = await fetch(`${origin}/run/hello-http/`);
    assert.equal(answer.status, 200);
    const [guest] = supervisor.running('guest');
    assert.ok(guest?.pid !== undefined);
    const read = (name: string): Promise<string> => readFile(`/proc/${guest.pid}/${name}`, 'utf8');
    const status = await read('status');
    assert.match(status, /^NoNewPrivs:\t1$/m);
    assert.match(status, /^Seccomp:\t2$/m);
    assert.match(status, /^CapEff:\t0+$/m);
    const limits = await read('limits');
    assert.match(limits, new RegExp(`^Max data size +${config.guestProcessBytes} `, 'm'));
    assert.match(limits, /^Max core file size +0 /m);
    assert.doesNotMatch(await read('environ'), /(^|\0)(HOME|PATH)=/);
  },
);
