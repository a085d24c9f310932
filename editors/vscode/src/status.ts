/** The status bar: how the index stands in one word, everything that can be done behind a click. */
import * as vscode from 'vscode';
import type { RootStatus, Status } from './protocol';
import type { Connection, Life } from './server/connection';

const l10n = vscode.l10n;

interface Shown {
  readonly text: string;
  readonly spoken: string;
  readonly severity?: 'warning' | 'error';
}

export class StatusBar implements vscode.Disposable {
  readonly #item = vscode.window.createStatusBarItem('codesearch.status', vscode.StatusBarAlignment.Right, 90);

  constructor(private readonly connection: Connection) {
    this.#item.name = l10n.t('Code Search');
    this.#item.command = 'codesearch.menu';
    connection.onDidChange(() => {
      this.#update();
    });
    this.#update();
    this.#item.show();
  }

  dispose(): void {
    this.#item.dispose();
  }

  #update(): void {
    const { text, spoken, severity } = shown(this.connection.life, this.connection.status);
    this.#item.text = text;
    this.#item.accessibilityInformation = { label: l10n.t('Code Search: {0}', spoken), role: 'button' };
    this.#item.backgroundColor = severity && new vscode.ThemeColor(`statusBarItem.${severity}Background`);
    this.#item.tooltip = tooltip(spoken, this.connection.status);
  }
}

/** What the bar says. */
export function shown(life: Life, status: Status | undefined): Shown {
  switch (life) {
    case 'missing': return { text: '$(search) $(circle-slash)', spoken: l10n.t('not set up') };
    case 'installing': return { text: '$(search) $(sync~spin)', spoken: l10n.t('being set up') };
    case 'starting': return { text: '$(search) $(sync~spin)', spoken: l10n.t('starting') };
    case 'waiting': return { text: '$(search) $(sync~spin)', spoken: l10n.t('the server ended and is started again') };
    case 'failed': return { text: '$(search) $(error)', spoken: l10n.t('the server does not run'), severity: 'error' };
    case 'off': return { text: '$(search)', spoken: l10n.t('not started') };
    case 'running': return ofIndex(status?.roots ?? []);
  }
}

function ofIndex(roots: readonly RootStatus[]): Shown {
  const failed = roots.find((root) => root.phase === 'error');
  if (failed) return { text: '$(search) $(warning)', spoken: failed.lastError ?? l10n.t('indexing failed'), severity: 'warning' };
  if (roots.some((root) => root.phase === 'paused')) return { text: '$(search) $(debug-pause)', spoken: l10n.t('indexing is paused') };
  const units = sum(roots, (root) => root.units);
  const encoded = sum(roots, (root) => root.encoded);
  const stale = sum(roots, (root) => root.staleness.dirty);
  if (roots.some((root) => !root.complete)) {
    const counts = l10n.t('indexing, {0} of {1} definitions', encoded.toLocaleString(), units.toLocaleString());
    const percent = units > 0 ? ` ${Math.floor((100 * encoded) / units)}%` : '';
    return { text: `$(search) $(sync~spin)${percent}`, spoken: counts };
  }
  if (stale > 0) return { text: '$(search) $(sync~spin)', spoken: l10n.t('{0} changed files are being read', stale) };
  if (roots.length === 0) return { text: '$(search)', spoken: l10n.t('no folder is open') };
  return { text: '$(search) $(check)', spoken: l10n.t('ready, {0} definitions', units.toLocaleString()) };
}

const sum = (roots: readonly RootStatus[], of: (root: RootStatus) => number): number =>
  roots.reduce((total, root) => total + of(root), 0);

function tooltip(spoken: string, status: Status | undefined): vscode.MarkdownString {
  const text = new vscode.MarkdownString();
  text.appendMarkdown(`**${l10n.t('Code Search')}**  \n`);
  text.appendText(spoken);
  for (const root of status?.roots ?? []) {
    text.appendMarkdown('\n\n');
    text.appendText(l10n.t('{0}: {1}, {2} files, {3} definitions', root.name, root.phase, root.files.toLocaleString(), root.units.toLocaleString()));
    for (const warning of root.warnings) {
      text.appendMarkdown('  \n$(warning) ');
      text.appendText(warning);
    }
  }
  text.supportThemeIcons = true;
  return text;
}
