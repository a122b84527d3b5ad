/** Handlers and runs for the panel to show. */
import assert from 'node:assert/strict';
import type { BrowserContext } from 'playwright-core';
import { guest, type GuestOptions } from '../../olin/conformance/guest.ts';
import { compile } from '../../sdk/wat/compile.ts';
import { textField } from './servers/api-server.ts';
import { ask, type PanelServer } from './servers/panel-server.ts';

export async function buildModule(body: string, options: GuestOptions = {}): Promise<Buffer> {
  const built = await compile(guest(body, options));
  assert.ok(built.ok, JSON.stringify(built));
  return Buffer.from(built.module);
}

const READINGS = String.raw`"Content-Type: application/json\n\n{\"station\":7,\"celsius\":-2.5,\"wind\":\"north-west\"}\n"`;

/** Answers after a while, with log lines and several kinds of system calls. */
export const WEATHER = `
  (drop (call $env_get "QUERY_STRING" #256 #256))
  (call $log_write #6 "reading the sensors of station 7")
  (call $runtime_msleep #14)
  (call $log_write #3 "sensor 3 is slow, its last reading is used")
  (call $runtime_msleep #5)
  (local.set $fd (call $resource_open "random://"))
  (drop (call $resource_read (local.get $fd) #512 #16))
  (call $resource_close (local.get $fd))
  (call $show ${READINGS})
  (call $log_write #6 "answered with 3 readings")`;

export const STATION: HandlerSettings = {
  name: 'weather',
  description: 'The last readings of each station',
  trace: true,
};

/** Traps in a nested call. */
export const BROKEN = `
  (call $log_write #1 "the map has no tile 12/5")
  (call $find_tile #12)`;
export const BROKEN_FIELDS = `
  (func $divide (param i32) (result i32) (i32.div_u (local.get 0) #0))
  (func $find_tile (param i32) (drop (call $divide (local.get 0))))`;

export const TILES: HandlerSettings = { name: 'tiles', description: 'Map tiles, drawn on demand' };

/** Log lines with control characters, markup and reversed text. */
const HOSTILE = String.raw`
  (call $log_write #6 "\1b[31mred\1b[0m <img src=x onerror=document.title=1> \e2\80\aeright to left")
  (call $show "Content-Type: text/plain\n\n<b>no markup</b> \07")`;

export interface HandlerSettings {
  readonly name: string;
  readonly description?: string;
  readonly mode?: 'sync' | 'async';
  readonly trace?: boolean;
}

/** Creates a handler, and uploads its first module. */
export async function deploy(
  context: BrowserContext,
  server: PanelServer,
  settings: HandlerSettings,
  module: Buffer,
): Promise<void> {
  await ask(context, server, 'POST', '/api/handlers', settings);
  await ask(context, server, 'POST', `/api/handlers/${settings.name}/versions`, module);
}

/** Deploys the handlers of a user, and calls each. Returns the id of one execution each, by the handler's name. */
export async function makeWorld(
  context: BrowserContext,
  server: PanelServer,
): Promise<Readonly<Record<string, string>>> {
  const all: readonly (readonly [HandlerSettings, Buffer])[] = [
    [TILES, await buildModule(BROKEN, { fields: BROKEN_FIELDS })],
    [{ name: 'hostile', trace: true }, await buildModule(HOSTILE)],
    [{ name: 'reports', mode: 'async' }, await buildModule('(call $runtime_exit #3)')],
    [STATION, await buildModule(WEATHER)],
  ];
  for (const [settings, module] of all) await deploy(context, server, settings, module);
  await ask(context, server, 'POST', '/api/handlers', { name: 'tomorrow' });
  await ask(context, server, 'POST', '/api/handlers', { name: 'old-news' });
  await ask(context, server, 'DELETE', '/api/handlers/old-news');
  const ids: Record<string, string> = {};
  for (const [{ name }] of all) ids[name] = await call(server, `${name}/?station=7`);
  for (const id of Object.values(ids)) await ended(context, server, id);
  return ids;
}

/** Calls a handler. Returns the execution's id. */
export async function call(server: PanelServer, path: string): Promise<string> {
  const answer = await fetch(`${server.runOrigin}/run/${path}`);
  await answer.text();
  const id = answer.headers.get('trisiel-execution');
  assert.ok(id !== null, `${path} answered ${answer.status} and no execution`);
  return id;
}

/** Waits until a run has ended and is recorded. */
export async function ended(
  context: BrowserContext,
  server: PanelServer,
  id: string,
): Promise<void> {
  const until = performance.now() + 20_000;
  while (performance.now() < until) {
    const found = await ask(context, server, 'GET', `/api/executions/${id}`).catch(() => undefined);
    if (found !== undefined && !['queued', 'running'].includes(textField(found, 'status'))) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  assert.fail(`the execution ${id} did not end`);
}
