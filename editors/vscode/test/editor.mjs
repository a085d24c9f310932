// A real VS Code to test in: its server from the npm registry, shown by Debian's Chromium.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, realpathSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';

/** The newest one, and the oldest that package.json's `engines` admits. */
export const VERSIONS = {
  newest: { version: '4.139.1', node: '24.9.0', natives: [] },
  oldest: { version: '4.93.1', node: undefined, natives: ['native-watchdog', '@vscode/spdlog'] }, // on the Node that runs this
};

const cache = process.env.CODESEARCH_VSCODE_CACHE ?? join(homedir(), '.cache', 'codesearch-vscode');

/** Installs an editor unless it is there: { vscode, node }. A killed installation leaves none. */
export function install(which) {
  const { version, node, natives } = VERSIONS[which];
  const vscode = join(cache, version, 'package', 'lib', 'vscode');
  if (!existsSync(join(cache, version))) {
    const work = unpacked(`code-server@${version}`);
    // The newest one does without its native modules; the oldest hangs without these two.
    const options = ['--omit=dev', '--ignore-scripts', '--legacy-peer-deps', '--no-audit', '--no-fund', '--loglevel=error'];
    const folder = join(work, 'package', 'lib', 'vscode');
    checked('npm', ['install', ...options], folder);
    for (const name of natives) checked('npm', ['rebuild', '--loglevel=error', ...ownHeaders(), name], folder);
    settle(work, join(cache, version));
  }
  return { vscode, node: node ? installNode(node) : process.execPath };
}

/** Node's headers where this Node has brought them; else node-gyp would fetch them. */
function ownHeaders() {
  const home = join(dirname(realpathSync(process.execPath)), '..');
  return existsSync(join(home, 'include', 'node', 'node.h')) ? [`--nodedir=${home}`] : [];
}

function installNode(version) {
  const home = join(cache, `node-${version}`);
  if (!existsSync(home)) settle(unpacked(`node-${process.platform}-${process.arch}@${version}`), home);
  return join(home, 'package', 'bin', 'node');
}

function unpacked(name) {
  const work = join(cache, `work-${process.pid}-${name.replace(/\W/g, '-')}`);
  mkdirSync(work, { recursive: true });
  const tarball = checked('npm', ['pack', '--silent', name], work).trim();
  checked('tar', ['xzf', tarball], work);
  rmSync(join(work, tarball));
  return work;
}

function settle(work, home) {
  if (existsSync(home)) rmSync(work, { recursive: true }); // another run was faster
  else renameSync(work, home);
}

function checked(command, args, cwd) {
  const done = spawnSync(command, args, { cwd, encoding: 'utf8' });
  if (done.status !== 0) throw new Error(`${command} ${args.join(' ')}\n${done.stdout}\n${done.stderr}`);
  return done.stdout;
}

/** Variables by which the server is installed without a network, by uv or by pip. */
export const offline = () => ({
  UV_OFFLINE: '1', UV_FIND_LINKS: process.env.CODESEARCH_TEST_WHEELS,
  PIP_CONFIG_FILE: '/dev/null', PIP_NO_INDEX: '1', PIP_FIND_LINKS: process.env.CODESEARCH_TEST_WHEELS,
  PATH: `${process.env.CODESEARCH_TEST_UV}:${process.env.CODESEARCH_TEST_PYTHONS}:/usr/bin:/bin`,
});

/** Starts an editor with folders of its own below `home`: { url, authority, stop, pid }. */
export async function start(which, home, env, settings = {}) {
  const { vscode, node } = install(which);
  const port = await freePort();
  const data = join(home, 'data');
  mkdirSync(join(data, 'Machine'), { recursive: true });
  writeFileSync(join(data, 'Machine', 'settings.json'), JSON.stringify(settings));
  const launcher = new URL('launch.cjs', import.meta.url).pathname;
  const child = spawn(node, [launcher, vscode, String(port), data, join(home, 'extensions')], {
    env: { ...process.env, ...env }, detached: true, stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  const ready = new Promise((resolve, reject) => {
    const read = (chunk) => {
      output += chunk;
      if (output.includes('the editor is ready')) resolve();
    };
    child.stdout.on('data', read);
    child.stderr.on('data', read);
    child.on('exit', () => reject(new Error(`The editor ended: ${output}`)));
  });
  await ready;
  return { url: `http://127.0.0.1:${port}/`, authority: `127.0.0.1:${port}`, pid: child.pid, stop: () => stopGroup(child), output: () => output };
}

function stopGroup(child) {
  return new Promise((resolve) => {
    child.on('exit', resolve);
    process.kill(-child.pid, 'SIGTERM');
    setTimeout(() => {
      try {
        process.kill(-child.pid, 'SIGKILL');
      } catch {
        // all of them are gone
      }
      resolve();
    }, 5000).unref();
  });
}

/** Puts a VSIX into the folder of extensions, as the editor's own installer would lay it out. */
export function installVsix(which, home, vsix) {
  const { vscode, node } = install(which);
  const launcher = new URL('launch.cjs', import.meta.url).pathname;
  const args = [launcher, vscode, '0', join(home, 'data'), join(home, 'extensions'), vsix];
  const done = spawnSync(node, args, { encoding: 'utf8', timeout: 120_000 });
  if (!/successfully installed/.test(done.stdout)) throw new Error(`${done.stdout}\n${done.stderr}`);
}

function freePort() {
  return new Promise((resolve) => {
    const server = createServer();
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}

if (process.argv[1] === new URL(import.meta.url).pathname) {
  for (const which of Object.keys(VERSIONS)) install(which);
}
