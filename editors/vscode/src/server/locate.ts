/** Which server to start: the user's command, the workspace's Python, or our private environment. */
import * as fs from 'node:fs/promises';
import * as path from 'node:path';
import * as vscode from 'vscode';
import * as settings from '../settings';
import { run } from './run';

export interface Server {
  readonly command: string;
  readonly args: readonly string[];
  readonly from: 'setting' | 'workspace' | 'private';
}

// -I: nothing of the workspace is imported. A package of the same name that is another one has no server.
const PROBE =
  "import importlib.util as u, importlib.metadata as m; print(m.version('codesearch') if u.find_spec('codesearch') and u.find_spec('codesearch.server') else '')";

/** The server to use, or undefined if one has to be installed first. */
export async function locate(version: string, privatePython: string | undefined): Promise<Server | undefined> {
  const [command, ...args] = settings.command();
  if (command) return { command, args: [...args, 'serve'], from: 'setting' };
  const python = vscode.workspace.isTrusted ? await workspacePython(version) : undefined;
  if (python) return module(python, 'workspace');
  return privatePython ? module(privatePython, 'private') : undefined;
}

// -P keeps Python from importing modules that lie in the folder it starts in.
const module = (python: string, from: Server['from']): Server => ({
  command: python, args: ['-P', '-m', 'codesearch.server'], from,
});

async function workspacePython(version: string): Promise<string | undefined> {
  for (const python of await workspacePythons()) {
    const probe = await run(python, ['-I', '-c', PROBE], { timeout: 10_000 });
    // Lock-step: a server of another version might speak another protocol.
    if (probe.code === 0 && probe.output.trim() === version) return python;
  }
  return undefined;
}

/** The interpreters chosen for the folders, and the usual places inside them. */
async function workspacePythons(): Promise<string[]> {
  const chosen = await Promise.all((vscode.workspace.workspaceFolders ?? []).map(chosenPython));
  const usual = (vscode.workspace.workspaceFolders ?? [])
    .filter((folder) => folder.uri.scheme === 'file')
    .flatMap((folder) => ['.venv', 'venv'].map((name) => pythonOf(path.join(folder.uri.fsPath, name))));
  const all = [...new Set([...chosen.filter((each) => each !== undefined), ...usual])];
  const there = await Promise.all(all.map(exists));
  return all.filter((_, index) => there[index]);
}

/** The parts of the Python extension's interface that are used here. */
interface PythonApi {
  environments: {
    getActiveEnvironmentPath(resource: vscode.Uri): { path: string };
    resolveEnvironment(environment: { path: string }): Promise<{ executable: { uri?: vscode.Uri } } | undefined>;
  };
}

async function chosenPython(folder: vscode.WorkspaceFolder): Promise<string | undefined> {
  const extension = vscode.extensions.getExtension<PythonApi>('ms-python.python');
  if (!extension) return undefined;
  try {
    const { environments } = await extension.activate();
    const resolved = await environments.resolveEnvironment(environments.getActiveEnvironmentPath(folder.uri));
    return resolved?.executable.uri?.fsPath;
  } catch {
    return undefined; // its trouble is its own to report
  }
}

/** Where the interpreter of a virtual environment is. */
export const pythonOf = (environment: string): string =>
  process.platform === 'win32'
    ? path.join(environment, 'Scripts', 'python.exe')
    : path.join(environment, 'bin', 'python');

export const exists = (file: string): Promise<boolean> =>
  fs.access(file).then(() => true, () => false);
