// Several windows on one folder, and many reloads of one: windows.mjs newest|oldest WINDOWS RELOADS
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium } from 'playwright-core';
import { installVsix, start } from './editor.mjs';
import { Processes, until } from './processes.mjs';

const [which, windows, reloads] = [process.argv[2], Number(process.argv[3]), Number(process.argv[4])];
const here = new URL('..', import.meta.url).pathname;
const home = mkdtempSync(join(tmpdir(), 'codesearch-windows-'));
const root = join(home, 'parcels');
const processes = new Processes(join(home, 'cache'));

const ready = (page) => page.waitForFunction(
  () => [...document.querySelectorAll('.statusbar-item *')].some((item) => /Code Search: ready/.test(item.getAttribute('aria-label') ?? '')),
  undefined, { timeout: 240_000 });

cpSync(join(here, '..', '..', 'fixtures', 'parcels'), root, { recursive: true });
installVsix(which, home, join(here, 'dist', 'codesearch.vsix'));
const editor = await start(which, home, { CODESEARCH_CACHE_DIR: join(home, 'cache'), CODESEARCH_CONFIG: join(home, 'config.toml') }, {
  'codesearch.server.command': JSON.parse(process.env.CODESEARCH_COMMAND ?? '["codesearch"]'),
  'codesearch.indexing.nice': 0, 'workbench.startupEditor': 'none', 'chat.disableAIFeatures': true,
});
const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: ['--no-sandbox'] });
let failed;
try {
  const pages = [];
  for (let i = 0; i < windows; i++) {
    pages.push(await browser.newPage());
    pages[i].setDefaultTimeout(240_000);
    await pages[i].goto(`${editor.url}?folder=${root}`);
  }
  for (const page of pages) await ready(page);
  await until(`${windows} windows have a server each, and at most one worker`, () => processes.servers().length === windows && processes.workers().length <= 1);
  for (const page of pages.slice(1)) await page.close();
  await until('closed windows leave nothing', () => processes.servers().length === 1);
  for (let i = 0; i < reloads; i++) {
    await pages[0].reload();
    await ready(pages[0]);
  }
  await until(`${reloads} reloads leave one server`, () => processes.servers().length === 1 && processes.workers().length <= 1);
  await pages[0].close();
  await until('the last window leaves nothing', () => processes.all().length === 0);
} catch (error) {
  failed = error;
  console.log(`not ok ${error.stack}`, processes.all());
}
await browser.close();
await editor.stop();
rmSync(home, { recursive: true, force: true, maxRetries: 5, retryDelay: 500 });
process.exit(failed ? 1 : 0);
