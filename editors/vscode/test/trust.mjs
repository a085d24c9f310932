// A workspace that is not trusted is searched, and nothing that it names is run: trust.mjs newest|oldest
import assert from 'node:assert/strict';
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium } from 'playwright-core';
import { installVsix, offline, start } from './editor.mjs';
import { Processes, until } from './processes.mjs';
import { Window } from './window.mjs';

const [which = 'newest'] = process.argv.slice(2);
const here = new URL('..', import.meta.url).pathname;
const home = mkdtempSync(join(tmpdir(), 'codesearch-trust-'));
const root = join(home, 'parcels');
const processes = new Processes(join(home, 'cache'));
const ran = join(home, 'ran');

/** A program of the workspace's, which leaves a trace when it is run. */
function program(path, ...command) {
  mkdirSync(join(path, '..'), { recursive: true });
  writeFileSync(path, `#!/bin/sh\necho "$0" >> ${ran}\nexec ${command.map((word) => `'${word}'`).join(' ')} "$@"\n`, { mode: 0o755 });
}

cpSync(join(here, '..', '..', 'fixtures', 'parcels'), root, { recursive: true });
program(join(root, 'tools', 'server'), ...JSON.parse(process.env.CODESEARCH_COMMAND ?? '["codesearch"]'));
program(join(root, '.venv', 'bin', 'python'), process.env.PYTHON ?? 'python3');
mkdirSync(join(root, '.vscode'));
writeFileSync(join(root, '.vscode', 'settings.json'), JSON.stringify({ 'codesearch.server.command': [join(root, 'tools', 'server')] }));
installVsix(which, home, join(here, 'dist', 'codesearch.vsix'));
const env = {
  CODESEARCH_CACHE_DIR: join(home, 'cache'), CODESEARCH_CONFIG: join(home, 'config.toml'), CODESEARCH_TEST_TRUST: '1',
  ...offline(),
};
const editor = await start(which, home, env, {
  'workbench.startupEditor': 'none', 'chat.disableAIFeatures': true, 'codesearch.indexing.nice': 0,
  'security.workspace.trust.startupPrompt': 'never',
});
const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: ['--no-sandbox'] });
let failed;
let window;
try {
  window = await Window.open(browser, editor.url, root);
  await window.statusIs('not set up');
  await window.find('stop people from calling the api too often');
  await window.hasRow('Set up Code Search');
  await window.keys('Enter');
  await window.hasRow('Throttle');
  await window.keys('Escape');
  assert.ok(!existsSync(ran), 'a program of the workspace was run');
  console.log('ok an untrusted workspace is searched, with a server of our own');
  const [before] = processes.servers();
  await window.ask('F1', 'Workspaces: Manage Workspace Trust');
  await window.page.locator('.workspace-trust-editor .monaco-button', { hasText: /^Trust$/ }).first().click();
  await until('once it is trusted, its own server is started', () => existsSync(ran) && processes.servers().length === 1 && processes.servers()[0] !== before);
  await window.statusIs('ready');
  await window.page.close();
  await until('nothing is left', () => processes.all().length === 0);
} catch (error) {
  failed = error;
  await window?.page.screenshot({ path: join(tmpdir(), 'codesearch-trust-failed.png') }).catch(() => undefined);
  console.log(`not ok ${error.stack}`, processes.all());
}
await browser.close();
await editor.stop();
rmSync(home, { recursive: true, force: true, maxRetries: 5, retryDelay: 500 });
process.exit(failed ? 1 : 0);
