// What the extension adds to the editor and to the server's answers: measure.mjs newest|oldest ROUNDS [list|keys|start]
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium } from 'playwright-core';
import { installVsix, start } from './editor.mjs';
import { Window } from './window.mjs';

const [which = 'newest', rounds = '10', only = ''] = process.argv.slice(2);
const QUESTIONS = [
  'stop people from calling the api too often', 'verify a session token', 'shortest route between two depots',
  'delete old backups', 'percent for the price of oil', 'call again until it works', 'what does an invoice cost',
  'sign a webhook', 'form for an address',
];

const here = new URL('..', import.meta.url).pathname;
const home = mkdtempSync(join(tmpdir(), 'codesearch-measure-'));
const root = join(home, 'parcels');
const log = join(home, 'answers.jsonl');
const command = [process.execPath, join(here, 'test', 'pipe.mjs'), log, ...JSON.parse(process.env.CODESEARCH_COMMAND ?? '["codesearch"]')];
writeFileSync(log, '');
cpSync(join(here, '..', '..', 'fixtures', 'parcels'), root, { recursive: true });
installVsix(which, home, join(here, 'dist', 'codesearch.vsix'));
cpSync(join(here, 'test', 'bare'), join(home, 'extensions', 'codesearch-test.bare-0.0.1'), { recursive: true });
rmSync(join(home, 'extensions', 'extensions.json'), { force: true }); // so that the folder is read again
const editor = await start(which, home, { CODESEARCH_CACHE_DIR: join(home, 'cache'), CODESEARCH_CONFIG: join(home, 'config.toml') }, {
  'workbench.startupEditor': 'none', 'chat.disableAIFeatures': true, 'security.workspace.trust.enabled': false,
  'codesearch.server.command': command, 'codesearch.picker.preview': 'off',
});
const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: ['--no-sandbox'] });
const window = await Window.open(browser, editor.url, root);
const { page } = window;

const median = (values) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];
const percentile = (values, share) => [...values].sort((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * share))];
const told = (values) => ({ median: Number(median(values).toFixed(1)), p90: Number(percentile(values, 0.9).toFixed(1)), n: values.length });

/** From here on the page notes when the box was last changed, and when the first row of the list was. */
const watch = () => page.evaluate(() => {
  const first = () => document.querySelector('.quick-input-list .monaco-list-row[data-index="0"]')?.getAttribute('aria-label');
  globalThis.seen = { typed: 0, shown: 0, row: first() };
  const now = () => performance.timeOrigin + performance.now();
  document.addEventListener('input', (event) => { globalThis.seen.typed = performance.timeOrigin + event.timeStamp; }, true);
  new MutationObserver(() => {
    if (first() === globalThis.seen.row) return;
    Object.assign(globalThis.seen, { row: first(), shown: now() });
  }).observe(document.querySelector('.quick-input-widget'), { subtree: true, childList: true, attributes: true, attributeFilter: ['aria-label'] });
});

/** Puts a text in the box, at once or key by key; when that was, and when the first row last changed. */
async function ask(text, delay = 0, answered = () => true) {
  await page.keyboard.press('Control+a');
  if (delay) await page.keyboard.type(text, { delay });
  else await page.keyboard.insertText(text);
  while (!answered()) await page.waitForTimeout(20);
  await page.waitForTimeout(400); // by now it is shown
  return page.evaluate(() => globalThis.seen);
}

/** When the pipe saw the last question and its answer. */
const lastAnswer = () => JSON.parse(readFileSync(log, 'utf8').trim().split('\n').at(-1));

async function bare() {
  await window.ask('F1', 'Bare List');
  await page.waitForTimeout(1000);
  await page.keyboard.insertText('first');
  await window.hasRow('^first 0');
  await watch();
  const all = [];
  for (let i = 0; i < Number(rounds); i++) for (const text of QUESTIONS) {
    const { typed, shown } = await ask(text);
    all.push(shown - typed);
  }
  await page.keyboard.press('Escape');
  return told(all);
}

async function search(delay) {
  await window.find('first');
  await window.hasRow(':\\d+');
  await watch();
  const all = [];
  for (let i = 0; i < Number(rounds); i++) for (const text of QUESTIONS) {
    const { typed, shown } = await ask(text, delay, () => lastAnswer().query === text);
    const { asked, answered } = lastAnswer();
    if (shown < answered) continue; // the first row was there already, for fewer letters
    all.push({ before: asked - typed, server: answered - asked, after: shown - answered, added: shown - typed - (answered - asked) });
  }
  await page.keyboard.press('Escape');
  return Object.fromEntries(['before', 'server', 'after', 'added'].map((name) => [name, told(all.map((each) => each[name]))]));
}

/** What the editor says that extensions took: to load their code and to call them. */
async function activations() {
  const times = new Map();
  await page.setViewportSize({ width: 1280, height: 3000 }); // rows out of sight do not exist
  for (let i = 0; i < Number(rounds); i++) {
    await page.reload();
    await page.locator('.monaco-workbench').first().waitFor();
    await window.statusIs('ready');
    await window.ask('F1', 'Developer: Show Running Extensions');
    await page.locator('.runtime-extensions-editor .extension', { hasText: 'Code Search' }).first().waitFor();
    const rows = await page.locator('.runtime-extensions-editor .extension').evaluateAll((all) => all.map((row) => [row.querySelector('.name')?.textContent, row.querySelector('.activation-time')?.textContent]));
    for (const [name, text] of rows) {
      const ms = Number(/(\d+)ms/.exec(text ?? '')?.[1]);
      if (!Number.isNaN(ms)) times.set(name, [...(times.get(name) ?? []), ms]);
    }
    await window.keys('Control+k', 'Control+w');
  }
  return Object.fromEntries([...times].map(([name, values]) => [name, told(values)]));
}

try {
  await window.statusIs('ready');
  const figures = { version: which, load: loadavg()[0] };
  if (!only || only === 'list') Object.assign(figures, { bare: await bare(), atOnce: await search(0) });
  if (!only || only === 'keys') figures.keyByKey = await search(60);
  if (!only || only === 'start') figures.activations = await activations();
  console.log(JSON.stringify(figures));
} finally {
  await browser.close();
  await editor.stop();
  rmSync(home, { recursive: true, force: true, maxRetries: 5, retryDelay: 500 });
}
