/** Settings: those that the server knows, as it wants them, and those of this extension alone. */
import * as vscode from 'vscode';

/** The server's groups and names, as in docs/settings.md. */
const SERVERS: Readonly<Record<string, readonly string[]>> = {
  encoder: ['name', 'pooling', 'queryPrefix', 'documentPrefix', 'maxTokens', 'dimension', 'device',
    'threads', 'batchTokens', 'allowRemoteCode', 'allowDownload', 'cacheMb'],
  indexing: ['ignore', 'maxFileBytes', 'parseSeconds', 'includeSecrets', 'debounceMs',
    'rescanSeconds', 'workerIdleSeconds', 'nice', 'memoryMb', 'warnMb'],
  search: ['limit', 'snippetLines'],
  server: ['codeLens'],
  duplicates: ['enabled', 'threshold'],
};

/**
 * What the user has set, for the server.
 *
 * Defaults are left out: they would hide what stands in the user's `config.toml`.
 */
export function forServer(): Record<string, Record<string, unknown>> {
  const all: Record<string, Record<string, unknown>> = {};
  for (const [group, names] of Object.entries(SERVERS)) {
    const settings = vscode.workspace.getConfiguration(`codesearch.${group}`);
    const chosen = names.filter((name) => isSet(settings, name) && settings.get(name) !== null);
    all[group] = Object.fromEntries(chosen.map((name) => [name, settings.get(name)]));
  }
  return all;
}

function isSet(settings: vscode.WorkspaceConfiguration, name: string): boolean {
  const seen = settings.inspect(name);
  const values = [seen?.globalValue, seen?.workspaceValue, seen?.workspaceFolderValue];
  return values.some((value) => value !== undefined);
}

const read = <T>(name: string, fallback: T): T =>
  vscode.workspace.getConfiguration('codesearch').get<T>(name, fallback);

export const command = (): string[] => read<string[]>('server.command', []);
export const python = (): string => read('server.python', '');
export const wheels = (): string => read('server.wheels', '');
export const autoStart = (): boolean => read('server.autoStart', true);
export const workspaceSymbols = (): boolean => read('workspaceSymbols', false);
export const historyLength = (): number => read('picker.history', 30);
export const preview = (): string => read('picker.preview', 'beside');

/** The environment of processes of ours: this one, the editor's proxy, and what the user has set. */
export function environment(): NodeJS.ProcessEnv {
  return { ...process.env, ...proxies(), ...read<Record<string, string>>('server.environment', {}) };
}

/** The same for a Python of our own, which what the user has set up for others must not reach. */
export function privateEnvironment(): NodeJS.ProcessEnv {
  const others = Object.entries(process.env).filter(([name]) => !/^PYTHON(PATH|HOME)$/.test(name));
  return { ...Object.fromEntries(others), ...proxies(), ...read<Record<string, string>>('server.environment', {}) };
}

/** As in the editor itself, its setting comes before the environment; programs differ in the case they read. */
function proxies(): NodeJS.ProcessEnv {
  const settings = vscode.workspace.getConfiguration('http');
  const proxy = settings.get<string>('proxy');
  if (!proxy) return {};
  const direct = settings.get<string[]>('noProxy', []).join();
  const names = { HTTP_PROXY: proxy, HTTPS_PROXY: proxy, ...(direct ? { NO_PROXY: direct } : {}) };
  const lower = Object.entries(names).map(([name, value]) => [name.toLowerCase(), value]);
  return { ...names, ...Object.fromEntries(lower) as NodeJS.ProcessEnv };
}

/** Whether a change means that the server has to be started in another way. */
export function concernsStart(change: vscode.ConfigurationChangeEvent): boolean {
  return ['command', 'environment'].some((name) => change.affectsConfiguration(`codesearch.server.${name}`));
}
