/** Takes the screenshots of the panel for the documentation: each page in light and dark, some on a phone. */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { BrowserContext, Page } from 'playwright-core';
import sharp from 'sharp';
import { updateUser } from '../../server/db/accounts/users.ts';
import { textField } from '../../test/setup/servers/api-server.ts';
import { launchBrowser } from '../../test/setup/browser.ts';
import { settled } from '../../test/setup/panel-browser.ts';
import {
  ask,
  signIn,
  startPanelServer,
  type PanelServer,
} from '../../test/setup/servers/panel-server.ts';
import {
  BROKEN,
  BROKEN_FIELDS,
  buildModule,
  call,
  deploy,
  ended,
  STATION,
  TILES,
  WEATHER,
} from '../../test/setup/panel-world.ts';
import { writeHistory } from './panel-history.ts';
import { root, say } from '../paths.ts';

const FOLDER = join(root, 'docs-site/src/assets/panel');
const DESK = { width: 1120, height: 720 };
const PHONE = { width: 360, height: 720 };
const SCALE = 1.5;

const POLICY = String.raw`## The stations, and nothing else.
allow (
  ^random://
  ^https://stations\.example/
)

ram-page-limit 32
gas-limit 5000000
`;

interface Picture {
  readonly name: string;
  readonly path: string;
  /** Whether to take phone screenshots too. */
  readonly isPhone?: boolean;
  /** Actions before the screenshot. */
  readonly prepare?: (page: Page) => Promise<void>;
}

export async function drawPanel(): Promise<void> {
  const [server, browser] = await Promise.all([startPanelServer(), launchBrowser()]);
  try {
    const context = await browser.newContext({ viewport: DESK, deviceScaleFactor: SCALE });
    const page = await context.newPage();
    await signIn(page, server, 'ana');
    const pictures = await prepareWorld(context, server);
    await mkdir(FOLDER, { recursive: true });
    for (const picture of pictures) await drawPicture(page, server, picture);
    say(`Drawn: ${FOLDER}`);
  } finally {
    await browser.close();
    await server.stop();
  }
}

async function drawPicture(page: Page, server: PanelServer, picture: Picture): Promise<void> {
  const { name, path, isPhone = false, prepare } = picture;
  const show = async (): Promise<void> => {
    await page.goto(`${server.origin}${path}`);
    await settled(page);
    await prepare?.(page);
  };
  await page.setViewportSize(DESK);
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme });
    await show();
    await draw(page, `${name}-${colorScheme}`);
  }
  if (!isPhone) return;
  await page.setViewportSize(PHONE);
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme });
    await show();
    await draw(page, `${name}-phone-${colorScheme}`);
  }
}

async function draw(page: Page, name: string): Promise<void> {
  await page.mouse.move(0, 0);
  // Short pages make short pictures.
  const clip = await page.evaluate(() => {
    document.documentElement.style.scrollbarGutter = 'auto';
    const parts = Array.from(document.querySelectorAll('main > *'));
    const last = Math.max(...parts.map((part) => part.getBoundingClientRect().bottom));
    return { x: 0, y: 0, width: innerWidth, height: Math.min(innerHeight, Math.round(last) + 40) };
  });
  const drawn = await page.screenshot({ animations: 'disabled', caret: 'hide', clip });
  const small = await sharp(drawn).png({ palette: true, quality: 85, effort: 10 }).toBuffer();
  await writeFile(join(FOLDER, `${name}.png`), small);
}

async function prepareWorld(context: BrowserContext, server: PanelServer): Promise<Picture[]> {
  const ownerId = textField(await ask(context, server, 'GET', '/api/whoami'), 'id');
  await updateUser(server.db, ownerId, { tier: 1 });
  const tiles = await buildModule(BROKEN, { fields: BROKEN_FIELDS });
  const greeter = { name: 'greeter', description: 'Says hello, in the language of the caller' };
  await deploy(context, server, greeter, await readExample('hello-http'));
  const second = '/api/handlers/greeter/versions?note=greets+from+a+file';
  await ask(context, server, 'POST', second, await readExample('http-client'));
  await deploy(context, server, TILES, tiles);
  await deploy(context, server, STATION, await buildModule(WEATHER));
  await ask(context, server, 'POST', '/api/tokens', {
    name: 'deploys from the build server',
    scopes: ['handlers:read', 'handlers:write'],
  });
  await ask(context, server, 'PUT', '/api/handlers/weather/policy', { policy: POLICY });
  await writeHistory(server.db, ownerId);
  const broken = await call(server, 'tiles/12/5.png');
  const whole = await call(server, 'weather/?station=7');
  for (const id of [broken, whole]) await ended(context, server, id);
  return [
    { name: 'overview', path: '/panel/?period=day', isPhone: true },
    { name: 'handlers', path: '/panel/handlers' },
    {
      name: 'deploy',
      path: '/panel/deploy',
      async prepare(page) {
        const buffer = await readExample('json-api');
        const module = { name: 'tiles.wasm', mimeType: 'application/wasm', buffer };
        await page.setInputFiles('input[type="file"]', module);
        await page.getByRole('heading', { name: 'The module is valid' }).waitFor();
      },
    },
    {
      name: 'live-log',
      path: '/panel/handlers/weather',
      prepare: (page) => showTail(page, server),
    },
    { name: 'execution', path: `/panel/executions/${whole}`, isPhone: true },
    { name: 'trap', path: `/panel/executions/${broken}` },
    { name: 'versions', path: '/panel/handlers/greeter/versions' },
    {
      name: 'policy',
      path: '/panel/handlers/weather/policy',
      async prepare(page) {
        await page.getByLabel('URL', { exact: true }).fill('https://stations.example/7');
        await page.getByText('Allowed by allow').waitFor();
        await page.getByText(/^valid/).waitFor();
        await page.evaluate(() => {
          scrollBy(0, 100);
        });
      },
    },
    {
      name: 'try',
      path: '/panel/handlers/weather/try',
      async prepare(page) {
        await page.getByRole('button', { name: 'Send' }).click();
        await page.getByText('celsius').first().waitFor();
        await page.evaluate(() => scrollBy(0, 150));
      },
    },
    { name: 'tokens', path: '/panel/tokens' },
    { name: 'usage', path: '/panel/usage' },
  ];
}

function readExample(name: string): Promise<Buffer> {
  return readFile(join(root, 'examples', name, 'module.wasm'));
}

/** Calls the handler while its page is open. */
async function showTail(page: Page, server: PanelServer): Promise<void> {
  await page.getByText('live', { exact: true }).waitFor();
  const log = page.getByRole('log');
  for (const [at, station] of [3, 7, 12].entries()) {
    await call(server, `weather/?station=${station}`);
    await log
      .getByRole('listitem')
      .nth(at * 3 + 2)
      .waitFor();
  }
  await page.evaluate(() => {
    const heading = document.querySelector('#tail');
    scrollTo(0, scrollY + (heading?.getBoundingClientRect().top ?? 0) - 110);
  });
}

if (import.meta.main) await drawPanel();
