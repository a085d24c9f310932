// What a person does, in a real VS Code with the built VSIX: ui.mjs newest|oldest [--install] [--shots]
import assert from 'node:assert/strict';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium } from 'playwright-core';
import { installVsix, start } from './editor.mjs';
import { shoot } from './png.mjs';
import { Processes, until } from './processes.mjs';

const [which = 'newest', ...flags] = process.argv.slice(2);
const installs = flags.includes('--install');
const here = new URL('..', import.meta.url).pathname;
const home = mkdtempSync(join(tmpdir(), 'codesearch-ui-'));
const root = join(home, 'parcels');
const LONG = 240_000; // machines under load are no reason to fail

const processes = new Processes(join(home, 'cache'));

class Window {
  constructor(page) {
    this.page = page;
  }

  static async open(browser, url, theme) {
    const page = await browser.newPage({ viewport: { width: 1280, height: 720 }, colorScheme: theme });
    page.setDefaultTimeout(60_000);
    await page.goto(`${url}?folder=${root}`);
    await page.waitForSelector('.monaco-workbench');
    return new Window(page);
  }

  async keys(...keys) {
    for (const key of keys) await this.page.keyboard.press(key);
  }

  get status() {
    return this.page.locator('[id="codesearch.codesearch.status"], [id="codesearch.codesearch.codesearch.status"]');
  }

  async statusIs(pattern, timeout = LONG) {
    await this.page.waitForFunction(
      ([source]) => [...document.querySelectorAll('.statusbar-item')].some((item) =>
        new RegExp(source).test(`${item.getAttribute('aria-label') ?? ''} ${item.querySelector('[aria-label]')?.getAttribute('aria-label') ?? ''}`)),
      [`Code Search: ${pattern}`], { timeout },
    );
  }

  async find(question) {
    await this.keys('Control+k', 'Control+g');
    await this.page.waitForSelector('.quick-input-widget:visible input');
    if (question) await this.page.keyboard.type(question, { delay: 15 });
  }

  async rows() {
    return this.page.locator('.quick-input-list .monaco-list-row').evaluateAll((rows) => rows
      .sort((a, b) => Number(a.dataset.index) - Number(b.dataset.index)).map((row) => row.getAttribute('aria-label') ?? ''));
  }

  async hasRow(pattern, { timeout = LONG, index = undefined } = {}) {
    await this.page.waitForFunction(
      ([source, wanted]) => [...document.querySelectorAll('.quick-input-list .monaco-list-row')].some((row) =>
        new RegExp(source).test(row.getAttribute('aria-label') ?? '') && (wanted === undefined || row.dataset.index === String(wanted))),
      [pattern, index], { timeout },
    );
  }

  async tabs() {
    return this.page.locator('.tabs-container .tab').evaluateAll((tabs) => tabs.map((tab) => tab.getAttribute('data-resource-name')));
  }

  async hasTab(name, there = true) {
    await this.page.locator(`.tabs-container .tab[data-resource-name="${name}"]`).first().waitFor({ state: there ? 'visible' : 'detached' });
  }

  async openFile(name) {
    await this.keys('Control+p');
    await this.page.keyboard.type(name);
    await this.hasRow(name, { index: 0 });
    await this.keys('Enter');
    await this.page.waitForSelector(`.tab.active[data-resource-name="${name}"]`);
  }

  async command(name) {
    await this.keys('F1');
    await this.page.waitForSelector('.quick-input-widget:visible input');
    await this.page.keyboard.type(`Code Search: ${name}`);
    await this.hasRow(`^Code Search: ${name}`);
    await this.keys('Enter');
  }

  async treeHas(pattern) {
    await this.page.waitForFunction(
      ([source]) => [...document.querySelectorAll('.pane-body .monaco-list-row')].some((row) => new RegExp(source).test(row.getAttribute('aria-label') ?? '')),
      [pattern], { timeout: LONG },
    );
  }

  async shot(name) {
    if (flags.includes('--shots')) await shoot(this.page, join(here, 'images', `${name}.png`));
  }
}

const steps = {
  'an empty profile and a repository: the first result without a terminal or a setting': async (window) => {
    if (installs) {
      await window.statusIs('not set up');
      await window.find('stop people from calling the api too often');
      await window.hasRow('Set up Code Search');
      await window.keys('Enter');
      await window.statusIs('being set up');
      await window.hasRow('Throttle', { timeout: 580_000 });
    } else {
      await window.statusIs('(indexing|ready)');
      await window.find('stop people from calling the api too often');
      await window.hasRow('Throttle');
    }
    await window.keys('Escape');
    await window.statusIs('ready');
  },

  'the code is shown beside the list, and is gone with it': async (window) => {
    await window.openFile('quotes.py');
    await window.find('stop people from calling the api too often');
    await window.hasRow('Throttle', { index: 0 });
    await window.hasTab('limiter.go');
    await window.page.waitForTimeout(800); // for the picture alone
    await window.shot('picker');
    const second = (await window.rows())[1];
    await window.keys('ArrowDown');
    const file = /(\w+\.\w+):\d+/.exec(second)[1];
    await window.hasTab(file);
    await window.keys('Escape');
    await window.hasTab(file, false);
    assert.deepEqual(await window.tabs(), ['quotes.py']);
    await window.page.waitForFunction(() => document.querySelectorAll('.editor-group-container').length === 1);
  },

  'a hit is opened where the user was': async (window) => {
    await window.find('verify a session token');
    await window.hasRow('session.go', { index: 0 });
    await window.keys('Enter');
    await window.page.locator('.quick-input-widget').waitFor({ state: 'hidden' });
    await window.hasTab('session.go');
    await window.page.waitForFunction(() => document.querySelectorAll('.editor-group-container').length === 1);
  },

  'similar code, by file, with scores; compared with the origin': async (window) => {
    await window.find('persistently');
    await window.hasRow('persistently', { index: 0 });
    await window.keys('Enter');
    await window.hasTab('dispatch.py');
    await window.page.locator('.quick-input-widget').waitFor({ state: 'hidden' });
    await window.command('Find Similar Code');
    await window.treeHas('fetchWithRetry.*score');
    await window.page.waitForTimeout(800);
    await window.shot('similar');
    const row = window.page.locator('.pane-body .monaco-list-row', { hasText: 'fetchWithRetry' }).first();
    await row.click();
    await window.hasTab('client.ts');
    await window.keys('F4');
    await window.page.waitForSelector('.pane-body .monaco-list-row.selected:not(:has-text("fetchWithRetry"))');
    await row.hover();
    await row.locator('[aria-label="Compare with Origin"]').click();
    await window.page.waitForSelector('.monaco-diff-editor');
    await window.page.waitForTimeout(1200);
    await window.shot('compare');
  },

  'what is written and saved is found': async (window) => {
    await window.openFile('quotes.py');
    await window.keys('Control+End', 'Enter');
    await window.page.keyboard.type('def tickle_the_walrus(feather):');
    await window.keys('Enter');
    await window.page.keyboard.type('return feather');
    await window.keys('Control+s');
    await window.find('tickle the walrus');
    await window.hasRow('tickle_the_walrus');
    await window.keys('Escape');
    assert.match(readFileSync(join(root, 'pricing', 'quotes.py'), 'utf8'), /tickle_the_walrus/);
  },

  'indexing is paused and resumed from the status bar': async (window) => {
    await window.command('Pause Indexing');
    await window.statusIs('indexing is paused');
    await window.command('Show Menu');
    await window.hasRow('Resume Indexing');
    await window.page.keyboard.type('Resume');
    await window.keys('Enter');
    await window.statusIs('ready');
  },

  'a killed server comes back': async (window) => {
    const before = processes.servers();
    assert.equal(before.length, 1);
    process.kill(before[0], 'SIGKILL');
    await until('there is another server', () => processes.servers().length === 1 && processes.servers()[0] !== before[0]);
    await window.statusIs('ready');
    await window.find('verify a session token');
    await window.hasRow('session.go');
    await window.keys('Escape');
  },
};

cpSync(join(here, '..', '..', 'fixtures', 'parcels'), root, { recursive: true });
installVsix(which, home, join(here, 'dist', 'codesearch.vsix'));
const quiet = {
  'workbench.startupEditor': 'none', 'chat.disableAIFeatures': true, 'window.commandCenter': false,
  'workbench.secondarySideBar.defaultVisibility': 'hidden', 'workbench.colorTheme': 'Default Dark Modern',
  'codesearch.indexing.nice': 0, 'editor.minimap.enabled': false, 'security.workspace.trust.enabled': false,
};
const own = installs ? {} : { 'codesearch.server.command': JSON.parse(process.env.CODESEARCH_COMMAND ?? '["codesearch"]') };
const editor = await start(which, home, { CODESEARCH_CACHE_DIR: join(home, 'cache'), CODESEARCH_CONFIG: join(home, 'config.toml') }, { ...quiet, ...own });
const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: ['--no-sandbox'] });
let failed = 0;
try {
  const window = await Window.open(browser, editor.url, 'dark');
  for (const [name, step] of Object.entries(steps)) {
    const begun = Date.now();
    try {
      await step(window);
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
if (!failed) {
  // The window is closed: its extension host goes after a moment, and with it everything of ours.
  await until('nothing is left running after the window closed', () => processes.all().length === 0).catch((error) => {
    failed++;
    console.log(`not ok ${error.message}`, processes.all());
  });
}
await editor.stop();
if (failed) writeFileSync(join(tmpdir(), 'codesearch-ui-editor.log'), editor.output());
rmSync(home, { recursive: true, force: true });
process.exit(failed ? 1 : 0);
