/** What stands in the list: hits, things to do, questions asked before, filters. */
import * as vscode from 'vscode';
import { excerpt, icon, place, title, type Hit } from '../hits';

export interface Item extends vscode.QuickPickItem {
  hit?: Hit;
  /** Text to put in the box. */
  text?: string;
  act?: () => unknown;
}

const l10n = vscode.l10n;

export const sideButton: vscode.QuickInputButton = {
  iconPath: new vscode.ThemeIcon('split-horizontal'), tooltip: l10n.t('Open to the Side (Ctrl+Enter)'),
};
export const similarButton: vscode.QuickInputButton = {
  iconPath: new vscode.ThemeIcon('references'), tooltip: l10n.t('Find Similar Code'),
};

export function hitItem(hit: Hit, words: readonly string[]): Item {
  return {
    hit, label: title(hit), description: place(hit), detail: excerpt(hit, words),
    iconPath: icon(hit.kind), alwaysShow: true, buttons: [sideButton, similarButton],
  };
}

export function actionItem(label: string, detail: string | undefined, act: () => unknown): Item {
  return { label, act, alwaysShow: true, ...(detail ? { detail } : {}) };
}

export function separator(label: string): Item {
  return { label, kind: vscode.QuickPickItemKind.Separator };
}

export function historyItems(history: readonly string[]): Item[] {
  if (history.length === 0) return [];
  return [
    separator(l10n.t('asked before')),
    ...history.map((text) => ({ label: text, text, iconPath: new vscode.ThemeIcon('history'), alwaysShow: true })),
  ];
}

const KINDS = ['function', 'method', 'class', 'interface', 'struct', 'enum', 'trait', 'type', 'macro'];

/** Filters that fit what was found: its languages, its kinds, and common wishes. */
export function filterItems(hits: readonly Hit[]): Item[] {
  const languages = [...new Set(hits.map((hit) => hit.language))].sort();
  const kinds = [...new Set([...hits.map((hit) => hit.kind), ...KINDS])].filter((kind) => kind !== 'window');
  const folders = [...new Set(hits.map((hit) => hit.path.split('/')[0] ?? '').filter((name) => !name.includes('.')))];
  const token = (text: string, name: string): Item => ({
    label: text, text, alwaysShow: true, iconPath: new vscode.ThemeIcon(name),
  });
  return [
    separator(l10n.t('leave out')),
    token('-path:tests', 'beaker'), token('-kind:window', 'file-code'), token('-lang:text', 'book'),
    separator(l10n.t('only this language')), ...languages.map((name) => token(`lang:${name}`, 'code')),
    separator(l10n.t('only this kind')), ...kinds.map((kind) => ({ ...token(`kind:${kind}`, ''), iconPath: icon(kind) })),
    separator(l10n.t('only this folder')), ...folders.map((name) => token(`path:${name}/`, 'folder')),
  ];
}
