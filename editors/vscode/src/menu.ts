/** The menu behind the status bar, and the page that tells how the index stands. */
import * as vscode from 'vscode';
import type { RootStatus } from './protocol';
import type { Connection } from './server/connection';
import { shown } from './status';

const l10n = vscode.l10n;

type Entry = vscode.QuickPickItem & { command?: string };

export async function showMenu(connection: Connection): Promise<void> {
  const { life, status } = connection;
  const running = life === 'running';
  const paused = status?.roots.some((root) => root.phase === 'paused');
  const entry = (icon: string, label: string, command: string): Entry => ({ label: `$(${icon}) ${label}`, command });
  const entries: Entry[] = [
    ...(life === 'missing' ? [entry('cloud-download', l10n.t('Set Up'), 'codesearch.install')] : []),
    entry('search', l10n.t('Find by Meaning'), 'codesearch.find'),
    ...(running ? [
      paused ? entry('debug-continue', l10n.t('Resume Indexing'), 'codesearch.resume') : entry('debug-pause', l10n.t('Pause Indexing'), 'codesearch.pause'),
      entry('refresh', l10n.t('Re-index'), 'codesearch.reindex'),
      entry('info', l10n.t('Show Index Status'), 'codesearch.status'),
    ] : []),
    { label: '', kind: vscode.QuickPickItemKind.Separator },
    entry('output', l10n.t('Show Log'), 'codesearch.log'),
    entry('gear', l10n.t('Settings'), 'codesearch.settings'),
    entry('debug-restart', l10n.t('Restart Server'), 'codesearch.restart'),
  ];
  const title = l10n.t('Code Search: {0}', shown(life, status).spoken);
  const chosen = await vscode.window.showQuickPick(entries, { title, placeHolder: l10n.t('What to do') });
  if (chosen?.command) await vscode.commands.executeCommand(chosen.command);
}

export class StatusPage implements vscode.TextDocumentContentProvider {
  static readonly uri = vscode.Uri.parse('codesearch-status:/Code Search Status.md');
  readonly #changed = new vscode.EventEmitter<vscode.Uri>();
  readonly onDidChange = this.#changed.event;

  constructor(private readonly connection: Connection) {
    connection.onDidChange(() => {
      this.#changed.fire(StatusPage.uri);
    });
  }

  provideTextDocumentContent(): string {
    const { life, status } = this.connection;
    const head = `# ${l10n.t('Code Search')}\n\n${shown(life, status).spoken}\n`;
    return [head, ...(status?.roots ?? []).map(section), status ? `${l10n.t('Server {0}, process {1}', status.version, status.pid)}\n` : ''].join('\n');
  }

  async show(): Promise<void> {
    await this.connection.tell('status').catch(() => undefined);
    this.#changed.fire(StatusPage.uri);
    await vscode.window.showTextDocument(StatusPage.uri, { preview: true });
  }
}

function section(root: RootStatus): string {
  const skipped = Object.entries(root.skipped).map(([reason, count]) => `${count} ${reason}`).join(', ');
  const facts: [string, string | undefined][] = [
    [l10n.t('Folder'), root.path],
    [l10n.t('State'), root.currentFile ? `${root.phase}: ${root.currentFile}` : root.phase],
    [l10n.t('Files'), root.files.toLocaleString()],
    [l10n.t('Definitions'), root.units.toLocaleString()],
    [l10n.t('Searchable by meaning'), root.encoded.toLocaleString()],
    [l10n.t('Not indexed'), skipped],
    [l10n.t('Changed and not yet read'), String(root.staleness.dirty)],
    [l10n.t('Kept by'), root.isWriter ? l10n.t('this window') : l10n.t('another window')],
    [l10n.t('Encoder'), root.encoder],
    [l10n.t('Warnings'), root.warnings.join('; ')],
    [l10n.t('Last error'), root.lastError],
  ];
  return [`## ${root.name}\n`, ...facts.filter(([, value]) => value).map(([name, value]) => `- ${name}: ${value ?? ''}`), ''].join('\n');
}
