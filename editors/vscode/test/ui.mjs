// What a person does, in a real VS Code with the built VSIX:
// ui.mjs newest|oldest [--network] [--shots] [--only=WORD], pictures of it below the folder of $PICTURES.
// The server is installed from the folder $CODESEARCH_TEST_WHEELS, or with --network as users do.
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium } from 'playwright-core';
import { installVsix, offline, start } from './editor.mjs';
import { shoot } from './png.mjs';
import { Processes, until } from './processes.mjs';
import life from './steps/life.mjs';
import looks from './steps/looks.mjs';
import offers from './steps/offers.mjs';
import results from './steps/results.mjs';
import search from './steps/search.mjs';
import { Window } from './window.mjs';

const [which = 'newest', ...flags] = process.argv.slice(2);
const here = new URL('..', import.meta.url).pathname;
const home = mkdtempSync(join(tmpdir(), 'codesearch-ui-'));
const root = join(home, 'parcels');
const only = flags.find((flag) => flag.startsWith('--only='))?.slice(7) ?? '';

const test = {
  root, home,
  processes: new Processes(join(home, 'cache')),
  /** A picture for the README, if they are wanted. */
  shot: async (window, name) => {
    if (flags.includes('--shots')) await shoot(window.page, join(here, 'images', `${name}.png`));
    else await test.look(window, name);
  },
  /** A picture for whoever works on the extension. */
  look: async (window, name) => {
    if (process.env.PICTURES) await window.page.screenshot({ path: join(process.env.PICTURES, `${which}-${name}.png`) });
  },
};

cpSync(join(here, '..', '..', 'fixtures', 'parcels'), root, { recursive: true });
mkdirSync(join(root, '.vscode'));
writeFileSync(join(root, '.vscode', 'settings.json'), '{}');
// Code that exists a second time, under other names.
const dispatch = readFileSync(join(root, 'notify', 'dispatch.py'), 'utf8');
writeFileSync(join(root, 'notify', 'again.py'), dispatch.replaceAll('persistently', 'stubbornly'));
installVsix(which, home, join(here, 'dist', 'codesearch.vsix'));
const quiet = {
  'workbench.startupEditor': 'none', 'chat.disableAIFeatures': true, 'window.commandCenter': false,
  'workbench.secondarySideBar.defaultVisibility': 'hidden', 'workbench.colorTheme': 'Default Dark Modern',
  'codesearch.indexing.nice': 0, 'editor.minimap.enabled': false, 'editor.autoClosingQuotes': 'never', 'editor.autoClosingBrackets': 'never', 'security.workspace.trust.enabled': false,
};
const env = { CODESEARCH_CACHE_DIR: join(home, 'cache'), CODESEARCH_CONFIG: join(home, 'config.toml') };
const editor = await start(which, home, flags.includes('--network') ? env : { ...env, ...offline() }, quiet);
const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: ['--no-sandbox'] });
Object.assign(test, { browser, url: editor.url });

const steps = Object.entries({ ...search, ...results, ...offers, ...life, ...looks });
let failed = 0;
try {
  const window = await Window.open(browser, editor.url, root);
  for (const [name, step] of steps.filter(([name], index) => index === 0 || name.includes(only))) {
    const begun = Date.now();
    try {
      await step(window, test);
      console.log(`ok ${name} (${((Date.now() - begun) / 1000).toFixed(1)} s)`);
    } catch (error) {
      failed++;
      console.log(`not ok ${name}\n${error.stack}`);
      await window.page.screenshot({ path: join(tmpdir(), `codesearch-ui-failed-${failed}.png`) });
      console.log((await window.rows()).join('\n'));
      break;
    }
  }
} finally {
  await browser.close();
}
if (!failed && which === 'newest') { // older ones keep a window's extension host for its return, for hours
  // The window is closed: its extension host goes after a moment, and with it everything of ours.
  await until('nothing is left running after the window closed', () => test.processes.all().length === 0).catch((error) => {
    failed++;
    console.log(`not ok ${error.message}`, test.processes.all());
  });
}
await editor.stop();
if (failed) writeFileSync(join(tmpdir(), 'codesearch-ui-editor.log'), editor.output());
rmSync(home, { recursive: true, force: true, maxRetries: 5, retryDelay: 500 });
process.exit(failed ? 1 : 0);
