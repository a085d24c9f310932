/** Every way to a server, with real programs: what is installed, what is found, what the user is told. */
import * as assert from 'node:assert/strict';
import * as fs from 'node:fs/promises';
import * as net from 'node:net';
import * as os from 'node:os';
import * as path from 'node:path';
import * as vscode from 'vscode';
import type { CodeSearchApi } from '../../src/api';
import { InstallError, PrivateEnvironment } from '../../src/server/install';
import { locate } from '../../src/server/locate';
import { run } from '../../src/server/run';

const extension = vscode.extensions.getExtension<CodeSearchApi>('codesearch.codesearch') ?? assert.fail('not installed');
const version = (extension.packageJSON as { version: string }).version;
const given = (name: string): string => process.env[name] ?? assert.fail(`${name} is not set`);
const log = vscode.window.createOutputChannel('install test', { log: true });
const never = new vscode.CancellationTokenSource().token;
const UNREACHABLE = 'http://127.0.0.1:1/simple';

/** In the workspace, but for what belongs to the machine. */
const set = (name: string, value: unknown): Thenable<void> =>
  vscode.workspace.getConfiguration().update(
    name, value, name.startsWith('http.') ? vscode.ConfigurationTarget.Global : vscode.ConfigurationTarget.Workspace);

describe('installing the server', () => {
  const environmentBefore = { ...process.env };
  let storage: string;
  let environment: PrivateEnvironment;
  let told: string[];

  const at = (folder: string): PrivateEnvironment =>
    new PrivateEnvironment({ globalStorageUri: vscode.Uri.file(folder), extensionPath: extension.extensionPath } as vscode.ExtensionContext, log);
  const install = (anew = false, token = never): Promise<string> => environment.install((line) => told.push(line), token, anew);
  const problem = async (token = never): Promise<string> => {
    const error: unknown = await install(false, token).catch((caught: unknown) => caught);
    assert.ok(error instanceof InstallError, String(error));
    return error.problem;
  };
  /** The names of Python that the tests bring, and maybe uv; nothing else is on PATH. */
  const onPath = (...folders: string[]): void => {
    process.env.PATH = [...folders, given('CODESEARCH_TEST_PYTHONS')].join(':');
  };
  const installed = async (python: string): Promise<string> => {
    const { output } = await run(python, ['-P', '-c', 'import codesearch, numpy; print(codesearch.__version__, codesearch.__file__)']);
    return output.trim();
  };

  beforeEach(async () => {
    storage = await fs.mkdtemp(path.join(os.tmpdir(), 'codesearch-install-'));
    environment = at(storage);
    told = [];
    onPath();
  });

  afterEach(async () => {
    for (const name of ['codesearch.server.python', 'codesearch.server.wheels', 'http.proxy']) await set(name, undefined);
    for (const name of Object.keys(process.env)) if (!(name in environmentBefore)) Reflect.deleteProperty(process.env, name);
    Object.assign(process.env, environmentBefore);
    await fs.rm(storage, { recursive: true, force: true });
  });

  it('says when there is no Python', async () => {
    process.env.PATH = '/nowhere';
    assert.equal(await problem(), 'python');
    onPath();
    await set('codesearch.server.python', '/nowhere/python');
    assert.equal(await problem(), 'python');
    assert.equal(await environment.python(), undefined);
    assert.deepEqual(await fs.readdir(storage), []);
  });

  it('says when there is no network, and leaves nothing half-made', async () => {
    Object.assign(process.env, { PIP_INDEX_URL: UNREACHABLE, PIP_RETRIES: '0' });
    assert.equal(await problem(), 'network');
    assert.deepEqual(await fs.readdir(storage), []);
  });

  it('can be cancelled', async () => {
    const source = new vscode.CancellationTokenSource();
    setTimeout(() => {
      source.cancel();
    }, 300);
    assert.equal(await problem(source.token), 'cancelled');
    assert.deepEqual(await fs.readdir(storage), []);
  });

  it("goes through the editor's proxy, whatever the environment says", async () => {
    const asked: string[] = [];
    const proxy = net.createServer((socket) => {
      socket.on('error', () => undefined);
      socket.once('data', (data) => {
        asked.push(data.toString().split('\r\n')[0] ?? '');
        socket.end('HTTP/1.1 403 Forbidden\r\n\r\n');
      });
    });
    await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
    await set('http.proxy', `http://127.0.0.1:${(proxy.address() as net.AddressInfo).port}`);
    Object.assign(process.env, {
      PIP_INDEX_URL: 'https://packages.invalid/simple', PIP_RETRIES: '0', https_proxy: UNREACHABLE, HTTPS_PROXY: UNREACHABLE,
    });
    assert.equal(await problem(), 'network');
    proxy.close();
    assert.ok(asked.length > 0 && asked.every((line) => line.startsWith('CONNECT packages.invalid:443 ')), asked.join());
  });

  it('installs by pip, as it is configured, where uv finds no packages', async () => {
    onPath(given('CODESEARCH_TEST_UV'));
    Object.assign(process.env, { UV_INDEX_URL: UNREACHABLE, UV_HTTP_RETRIES: '0', PIP_NO_INDEX: '1', PIP_FIND_LINKS: given('CODESEARCH_TEST_WHEELS') });
    const python = await install();
    assert.ok(python.startsWith(storage));
    assert.ok((await installed(python)).startsWith(`${version} ${path.dirname(path.dirname(python))}/lib/`));
    assert.ok(told.some((line) => line.startsWith('Installing collected packages')), told.join('\n'));
  });

  it('installs by uv from a folder of wheels, once for two windows, in place of other versions', async () => {
    onPath(given('CODESEARCH_TEST_UV'));
    await set('codesearch.server.wheels', given('CODESEARCH_TEST_WHEELS'));
    const old = path.join(storage, 'server-00000000');
    await fs.mkdir(old);
    await fs.writeFile(path.join(old, 'complete'), '');
    assert.ok(await environment.outdated());
    assert.equal(await environment.python(), undefined); // of another version: not to be started
    const [python, same] = await Promise.all([install(), at(storage).install((line) => told.push(line), never)]);
    assert.equal(python, same);
    assert.equal(await environment.python(), python);
    assert.match(await installed(python), new RegExp(`^${version} `));
    assert.equal(told.filter((line) => line.startsWith('Installed')).length, 1, told.join('\n'));
    assert.equal((await fs.readdir(storage)).length, 1); // neither the old one nor a lock
  });

  it('repairs, and keeps what there was if it cannot', async () => {
    onPath(given('CODESEARCH_TEST_UV'));
    await set('codesearch.server.wheels', given('CODESEARCH_TEST_WHEELS'));
    const python = await install();
    const module = (await installed(python)).split(' ')[1] ?? '';
    await fs.rm(module);
    await install();
    await assert.rejects(fs.access(module)); // complete, as far as one can tell
    await install(true);
    await fs.access(module);
    await set('codesearch.server.python', '/nowhere/python');
    await assert.rejects(install(true));
    assert.equal(await environment.python(), python);
    await fs.access(module);
  });

  it('takes over from a window that is gone', async () => {
    onPath(given('CODESEARCH_TEST_UV'));
    await set('codesearch.server.wheels', given('CODESEARCH_TEST_WHEELS'));
    const python = await install();
    const lock = `${path.dirname(path.dirname(python))}.lock`;
    await fs.writeFile(lock, '');
    await fs.utimes(lock, new Date(0), new Date(0)); // nobody has touched it for long
    assert.equal(await install(), python);
    await assert.rejects(fs.access(lock));
  });

  describe('once it is in an environment of the workspace', () => {
    let python: string;
    const serverCommand = async (): Promise<string> => {
      await vscode.commands.executeCommand('codesearch.status');
      const pid = /process (\d+)/.exec(vscode.window.activeTextEditor?.document.getText() ?? '')?.[1] ?? '';
      return fs.readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
    };

    beforeEach(async () => {
      onPath(given('CODESEARCH_TEST_UV'));
      await set('codesearch.server.wheels', given('CODESEARCH_TEST_WHEELS'));
      python = await install();
      process.env.CODESEARCH_TEST_CHOSEN = python;
    });
    afterEach(() => set('codesearch.server.command', undefined));

    it('is found by the choice in the editor, in .venv, and only in the same version', async () => {
      const at = (command: string, from: string): object => ({ command, args: ['-P', '-m', 'codesearch.server'], from });
      assert.equal((await locate(version, undefined))?.from, 'setting');
      await set('codesearch.server.command', []);
      assert.deepEqual(await locate(version, '/private/python'), at(python, 'workspace'));
      assert.deepEqual(await locate('9.9.9', '/private/python'), at('/private/python', 'private'));
      assert.equal(await locate('9.9.9', undefined), undefined);
      process.env.CODESEARCH_TEST_CHOSEN = '';
      assert.equal(await locate(version, undefined), undefined);
      const venv = path.join(vscode.workspace.workspaceFolders?.[0]?.uri.fsPath ?? '', '.venv');
      await fs.symlink(path.dirname(path.dirname(python)), venv);
      assert.deepEqual(await locate(version, undefined), at(path.join(venv, 'bin', 'python'), 'workspace'));
      await fs.rm(venv);
    });

    it('is started from there', async () => {
      await set('codesearch.server.command', []);
      const api = await extension.activate();
      for (const end = Date.now() + 200_000; !(await serverCommand()).startsWith(python); ) {
        assert.ok(Date.now() < end, await serverCommand());
        await new Promise((resolve) => setTimeout(resolve, 500));
      }
      assert.equal((await api.search('verify a session token')).hits[0]?.path, 'gateway/session.go');
    });
  });
});
