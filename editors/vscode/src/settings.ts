/** Settings: those that the server knows, as it wants them, and those of this extension alone. */
import * as vscode from 'vscode';

/** The server's groups and names, as in docs/settings.md. */
const SERVERS: Readonly<Record<string, readonly string[]>> = {
  encoder: ['name', 'pooling', 'queryPrefix', 'documentPrefix', 'maxTokens', 'dimension', 'device',
    'threads', 'batchTokens', 'allowRemoteCode', 'allowDownload', 'cacheMb'],
  indexing: ['ignore', 'maxFileBytes', 'parseSeconds', 'includeSecrets', 'debounceMs',
    'rescanSeconds', 'workerIdleSeconds', 'nice'],
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
  const proxy = vscode.workspace.getConfiguration('http').get<string>('proxy');
  const proxies = proxy ? { HTTP_PROXY: proxy, HTTPS_PROXY: proxy } : {};
  return { ...proxies, ...process.env, ...read<Record<string, string>>('server.environment', {}) };
}

/** Whether a change means that the server has to be started in another way. */
export function concernsStart(change: vscode.ConfigurationChangeEvent): boolean {
  return ['command', 'python', 'wheels', 'environment'].some((name) =>
    change.affectsConfiguration(`codesearch.server.${name}`),
  );
}
