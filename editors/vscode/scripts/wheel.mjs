// Puts the server's wheel into the extension, so that the two are always of one version.
import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';

const here = new URL('..', import.meta.url).pathname;
const { version } = JSON.parse(readFileSync(`${here}package.json`, 'utf8'));
const server = `${here}server`;
rmSync(server, { recursive: true, force: true });
mkdirSync(server);
const python = process.env.PYTHON ?? 'python3';
const args = ['-m', 'pip', 'wheel', '--quiet', '--no-deps', '--wheel-dir', server, `${here}../..`];
const made = spawnSync(python, args, { stdio: 'inherit' });
if (made.status !== 0) throw new Error(`${python} -m pip wheel failed`);
const wheels = readdirSync(server);
if (wheels.length !== 1 || !wheels[0].startsWith(`codesearch-${version}-`)) {
  throw new Error(`The extension is version ${version}, the server ${wheels.join()}`);
}
