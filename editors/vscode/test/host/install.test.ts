/** What can go wrong while the server is installed, with real programs, and what the user is told. */
import * as assert from 'node:assert/strict';
import * as fs from 'node:fs/promises';
import * as os from 'node:os';
import * as path from 'node:path';
import * as vscode from 'vscode';
import { InstallError, PrivateEnvironment } from '../../src/server/install';

const extension = vscode.extensions.getExtension('codesearch.codesearch');
const settings = (): vscode.WorkspaceConfiguration => vscode.workspace.getConfiguration('codesearch.server');
const log = vscode.window.createOutputChannel('install test', { log: true });

describe('installing the server', () => {
  let storage: string;
  let environment: PrivateEnvironment;
  const silent = (): void => undefined;
  const never = new vscode.CancellationTokenSource().token;

  beforeEach(async () => {
    storage = await fs.mkdtemp(path.join(os.tmpdir(), 'codesearch-install-'));
    environment = new PrivateEnvironment(
      { globalStorageUri: vscode.Uri.file(storage), extensionPath: extension?.extensionPath } as vscode.ExtensionContext, log);
  });

  afterEach(async () => {
    for (const name of ['python', 'wheels']) await settings().update(name, undefined, vscode.ConfigurationTarget.Workspace);
    await fs.rm(storage, { recursive: true, force: true });
  });

  const problem = async (token = never): Promise<string> => {
    const error: unknown = await environment.install(silent, token).catch((caught: unknown) => caught);
    assert.ok(error instanceof InstallError, String(error));
    return error.problem;
  };

  it('says when there is no Python', async () => {
    await settings().update('python', '/nowhere/python', vscode.ConfigurationTarget.Workspace);
    assert.equal(await problem(), 'python');
    assert.equal(await environment.python(), undefined);
  });

  it('says when packages cannot be had, and leaves nothing half-made', async () => {
    await settings().update('wheels', storage, vscode.ConfigurationTarget.Workspace);
    await settings().update('python', process.env.CODESEARCH_TEST_PYTHON, vscode.ConfigurationTarget.Workspace);
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
});
