/** Starts nginx with the configuration in `deploy/nginx`, with other ports and upstreams. */
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { access, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { findFreePort } from '../../scripts/services/free-port.ts';
import { waitForPort } from './wait.ts';

const runFile = promisify(execFile);
const PROGRAM = '/usr/sbin/nginx';

export interface RunningNginx {
  /** Port without TLS, which redirects. */
  readonly port: number;
  readonly tlsPort: number;
  stop(): Promise<void>;
}

export interface NginxUpstreams {
  readonly web: number;
  readonly run: readonly number[];
  /** HTTP version of requests to the upstreams; default 1.1. */
  readonly httpVersion?: '1.0' | '1.1';
}

/** Starts nginx, or returns the reason why it cannot. As root on Debian it is installed. */
export async function startNginx(
  upstreams: NginxUpstreams,
): Promise<RunningNginx | { readonly reason: string }> {
  if (!(await isThere()) && !(await install())) {
    return { reason: 'nginx is not installed; run this as root on Debian, or install it.' };
  }
  const folder = await mkdtemp(join(tmpdir(), 'trisiel-nginx-'));
  const [port, tlsPort] = [await findFreePort(), await findFreePort()];
  const [certificate, key] = [join(folder, 'certificate.pem'), join(folder, 'key.pem')];
  await runFile('openssl', [
    ...['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-subj', '/CN=trisiel'],
    ...['-keyout', key, '-out', certificate],
  ]);
  const fill = async (name: string): Promise<string> => {
    const text = await readFile(new URL(`../../deploy/nginx/${name}`, import.meta.url), 'utf8');
    return text
      .replaceAll('/etc/nginx/trisiel-', `${folder}/trisiel-`)
      .replace(/ssl_certificate .*;/, `ssl_certificate ${certificate};`)
      .replace(/ssl_certificate_key .*;/, `ssl_certificate_key ${key};`)
      .replaceAll('listen 80;', `listen 127.0.0.1:${port};`)
      .replaceAll('listen 443 ', `listen 127.0.0.1:${tlsPort} `)
      .replace('proxy_http_version 1.1;', `proxy_http_version ${upstreams.httpVersion ?? '1.1'};`)
      .replace('server 127.0.0.1:4000;', `server 127.0.0.1:${upstreams.web};`)
      .replace(/server 127\.0\.0\.1:4001([^;]*);/, (_line, rest: string) =>
        upstreams.run.map((each) => `server 127.0.0.1:${each}${rest};`).join('\n  '),
      );
  };
  for (const name of ['trisiel.conf', 'trisiel-proxy.conf', 'trisiel-run.conf']) {
    await writeFile(join(folder, name), await fill(name));
  }
  await writeFile(
    join(folder, 'nginx.conf'),
    `pid ${folder}/pid; daemon off; worker_processes 1; error_log stderr crit;
events { worker_connections 1024; }
http { access_log off; client_body_temp_path ${folder}/body; proxy_temp_path ${folder}/proxy;
  fastcgi_temp_path ${folder}/f; uwsgi_temp_path ${folder}/u; scgi_temp_path ${folder}/s;
  include ${folder}/trisiel.conf; }\n`,
  );
  const child = spawn(PROGRAM, ['-c', join(folder, 'nginx.conf'), '-p', folder], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  await waitForPort(tlsPort);
  return {
    port,
    tlsPort,
    async stop() {
      child.kill('SIGTERM');
      if (child.exitCode === null) await once(child, 'exit');
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function isThere(): Promise<boolean> {
  return access(PROGRAM).then(
    () => true,
    () => false,
  );
}

async function install(): Promise<boolean> {
  if (process.getuid?.() !== 0) return false;
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const words = ['install', '-y', '-qq', '--no-install-recommends', 'nginx-light'];
  try {
    await runFile('apt-get', ['update', '-qq'], { env, timeout: 120_000 });
    await runFile('apt-get', words, { env, timeout: 300_000 });
  } catch {
    return false;
  }
  return isThere();
}
