// The mocha suites in a real extension host: host.mjs newest|oldest [PATTERN of tests]
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium } from 'playwright-core';
import { start } from './editor.mjs';

const [which = 'newest', pattern = ''] = process.argv.slice(2);
const here = new URL('..', import.meta.url).pathname;
const home = mkdtempSync(join(tmpdir(), 'codesearch-host-'));
const root = join(home, 'parcels');
cpSync(join(here, '..', '..', 'fixtures', 'parcels'), root, { recursive: true });
mkdirSync(join(root, '.vscode'));
const command = JSON.parse(process.env.CODESEARCH_COMMAND ?? '["codesearch"]');
const settings = {
  'workbench.startupEditor': 'none', 'codesearch.server.command': command, 'codesearch.indexing.nice': 0,
  'security.workspace.trust.enabled': false,
};
const env = {
  CODESEARCH_CACHE_DIR: join(home, 'cache'), CODESEARCH_CONFIG: join(home, 'config.toml'),
  PIP_CONFIG_FILE: '/dev/null', PIP_FIND_LINKS: '', PIP_DISABLE_PIP_VERSION_CHECK: '1', CODESEARCH_TEST_ONLY: pattern,
};
cpSync(join(here, 'test', 'python'), join(home, 'extensions', 'ms-python.python-0.0.1'), { recursive: true });
writeFileSync(join(root, '.vscode', 'settings.json'), '{}');

const editor = await start(which, home, env, settings);
const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: ['--no-sandbox'] });
const page = await browser.newPage();
const ended = new Promise((resolve) => page.exposeFunction('codeAutomationExit', resolve));
await page.exposeFunction('codeAutomationLog', (type, args) => {
  if (type === 'info' && !String(args[0]).startsWith('[')) console.log(...args); // the rest is the editor's own
});
const remote = (path) => `vscode-remote://${editor.authority}${path}`;
const payload = [
  ['extensionDevelopmentPath', remote(here.replace(/\/$/, ''))],
  ['extensionTestsPath', remote(join(here, 'dist', 'test', 'index.js'))],
];
await page.goto(`${editor.url}?folder=${root}&payload=${encodeURIComponent(JSON.stringify(payload))}`);
const code = await Promise.race([ended, new Promise((resolve) => setTimeout(resolve, 900_000, 'the suite did not end'))]);
await browser.close();
await editor.stop();
rmSync(home, { recursive: true, force: true, maxRetries: 5, retryDelay: 500 });
if (code !== 0) console.log(`failed: ${code}`);
process.exit(code === 0 ? 0 : 1);
