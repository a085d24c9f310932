/** One language client for one run of the server. */
import * as vscode from 'vscode';
import {
  CloseAction, ErrorAction, LanguageClient, TransportKind,
  type ClientCapabilities, type Executable, type LanguageClientOptions,
} from 'vscode-languageclient/node';
import type { SimilarParams } from '../protocol';
import * as settings from '../settings';
import type { Server } from './locate';

export interface ClientEvents {
  /** The process ended, or never came to answer. */
  readonly closed: () => void;
  /** The code action or a lens asks for what is similar to its place. */
  readonly similar: (params: SimilarParams) => void;
}

export function createClient(
  server: Server, log: vscode.LogOutputChannel, cwd: string, events: ClientEvents,
): LanguageClient {
  const environment = server.from === 'private' ? settings.privateEnvironment() : settings.environment();
  const executable: Executable = {
    command: server.command,
    args: [...server.args],
    transport: TransportKind.stdio, // adds --stdio
    // Not in the workspace: relative names and Python's modules would be looked up there.
    options: { cwd, env: { CODESEARCH_LOG: 'INFO', ...environment, PYTHONUTF8: '1' } },
  };
  const client = new QuietClient('codesearch', 'Code Search', executable, clientOptions(log, events));
  // The status bar shows how far the index is; a second bar would only flicker beside it.
  client.registerFeature({
    fillClientCapabilities: (capabilities: ClientCapabilities) => {
      capabilities.window = { ...capabilities.window, workDoneProgress: false };
    },
    initialize: () => undefined,
    getState: () => ({ kind: 'static' }),
    clear: () => undefined,
  });
  return client;
}

/** What goes wrong is in the log, and `Connection` tells of it once, with buttons that help. */
class QuietClient extends LanguageClient {
  override error(message: string, data?: unknown): void {
    super.error(message, data, false);
  }
}

function clientOptions(log: vscode.LogOutputChannel, events: ClientEvents): LanguageClientOptions {
  return {
    documentSelector: [{ scheme: 'file' }, { scheme: 'untitled' }],
    outputChannel: log,
    initializationFailedHandler: () => false,
    errorHandler: {
      error: () => ({ action: ErrorAction.Continue, handled: true }),
      closed: () => {
        events.closed();
        return { action: CloseAction.DoNotRestart, handled: true };
      },
    },
    middleware: {
      workspace: {
        configuration: (params) =>
          params.items.map((item) => (item.section === 'codesearch' ? settings.forServer() : null)),
      },
      provideWorkspaceSymbols: (query, token, next) =>
        settings.workspaceSymbols() ? next(query, token) : [],
      executeCommand: (command, args, next) => {
        if (command !== 'codesearch.findSimilar') return next(command, args) as unknown;
        events.similar((args as [SimilarParams])[0]);
        return undefined;
      },
    },
  };
}
