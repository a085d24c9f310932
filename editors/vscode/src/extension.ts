/** Where everything is put together; nothing here takes time. */
import * as vscode from 'vscode';
import { createApi, type CodeSearchApi } from './api';
import { wordsOf, type Hit } from './hits';
import { showMenu, StatusPage } from './menu';
import type { Control } from './protocol';
import { ResultsView } from './results/view';
import { History } from './search/history';
import { Picker } from './search/picker';
import { Searcher } from './searcher';
import { Connection } from './server/connection';
import { PrivateEnvironment } from './server/install';
import { Setup } from './server/setup';
import * as settings from './settings';
import { Similar } from './similar';
import { StatusBar } from './status';
import { registerTool } from './tool';

const l10n = vscode.l10n;
let running: Connection | undefined;

export function activate(context: vscode.ExtensionContext): CodeSearchApi {
  const begun = performance.now();
  const log = vscode.window.createOutputChannel('Code Search', { log: true });
  const environment = new PrivateEnvironment(context, log);
  const connection = new Connection(context, log, environment);
  running = connection;
  const setup = new Setup(connection, environment, log);
  const searcher = new Searcher(connection);
  const history = new History(context.workspaceState);
  const view: ResultsView = new ResultsView((hit: Hit) => void similar.fromHit(hit));
  const similar = new Similar(searcher, view, () => offerServer(connection, setup));
  const page = new StatusPage(connection);
  let picker: Picker | undefined;

  const find = (query: unknown, goOn = false): void => {
    picker?.dispose();
    picker = new Picker(searcher, connection, history, {
      install: () => setup.install(),
      similar: (hit) => void similar.fromHit(hit),
      sendAll: (text, found) =>
        void view.show({
          title: text, found, words: wordsOf(text), again: (token) => searcher.search({ query: text }, token),
        }),
    });
    picker.show(typeof query === 'string' ? query : selectedText(), goOn);
  };

  const commands: Record<string, (argument: unknown) => unknown> = {
    find: (query) => {
      find(query);
    },
    findInFolder: (folder) => {
      find(onlyIn(folder), true);
    },
    similar: () => similar.fromEditor(),
    menu: () => showMenu(connection),
    pause: () => tell(connection, 'pause'),
    resume: () => tell(connection, 'resume'),
    reindex: () => tell(connection, 'reindex'),
    status: () => page.show(),
    log: () => {
      log.show();
    },
    settings: () => vscode.commands.executeCommand('workbench.action.openSettings', `@ext:${context.extension.id}`),
    restart: () => connection.restart(),
    install: () => setup.install(),
    repair: () => setup.install(true),
    'picker.openToSide': () => picker?.openToSide(),
    'picker.sendAll': () => picker?.sendAll(),
    'picker.filter': () => picker?.filter(),
  };
  for (const [name, act] of Object.entries(commands)) {
    context.subscriptions.push(vscode.commands.registerCommand(`codesearch.${name}`, act));
  }
  const tool = registerTool(searcher);
  context.subscriptions.push(
    log, connection, view, new StatusBar(connection), ...(tool ? [tool] : []),
    vscode.workspace.registerTextDocumentContentProvider('codesearch-status', page),
    connection.onSimilar((params) => void similar.from(params)),
    vscode.workspace.onDidChangeConfiguration((change) => {
      if (settings.concernsStart(change)) void connection.restart();
    }),
    vscode.workspace.onDidGrantWorkspaceTrust(() => {
      if (connection.life === 'missing') void connection.restart();
    }),
  );
  log.info(`Activated in ${(performance.now() - begun).toFixed(1)} ms`);
  void startQuietly(connection, environment, setup);
  return createApi(searcher);
}

export async function deactivate(): Promise<void> {
  await running?.stop();
}

/** Starts what is installed; after an update of the extension, offers to bring the server along. */
async function startQuietly(connection: Connection, environment: PrivateEnvironment, setup: Setup): Promise<void> {
  if (!settings.autoStart() || !vscode.workspace.workspaceFolders?.length) return;
  await connection.client();
  if (connection.life !== 'missing' || !(await environment.outdated())) return;
  const upgrade = l10n.t('Upgrade');
  const chosen = await vscode.window.showInformationMessage(l10n.t('Code Search was updated, and its server has to follow.'), upgrade);
  if (chosen === upgrade) await setup.install();
}

async function offerServer(connection: Connection, setup: Setup): Promise<boolean> {
  if (connection.life !== 'missing') return false; // its own messages tell what is wrong
  const install = l10n.t('Set Up');
  const text = l10n.t('Code Search needs its server: a private Python environment of about 2 GB. Your code stays on this machine.');
  return (await vscode.window.showInformationMessage(text, install)) === install && setup.install();
}

async function tell(connection: Connection, what: Control): Promise<void> {
  try {
    await connection.tell(what);
  } catch (error) {
    void vscode.window.showWarningMessage(error instanceof Error ? error.message : String(error));
  }
}

/** The filter for a folder of the Explorer; none for the top one. */
function onlyIn(folder: unknown): string {
  if (!(folder instanceof vscode.Uri)) return '';
  const path = vscode.workspace.asRelativePath(folder, false);
  return path === folder.fsPath ? '' : `path:"${path}/" `;
}

/** The first question: what is selected, if it is short enough to be one. */
function selectedText(): string {
  const editor = vscode.window.activeTextEditor;
  const text = editor?.document.getText(editor.selection).trim() ?? '';
  return text.length <= 500 ? text.replace(/\s*\n\s*/g, ' ') : '';
}
