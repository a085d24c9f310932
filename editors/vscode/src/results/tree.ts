/** Results as a tree: files, best first, with their hits. */
import * as vscode from 'vscode';
import { excerpt, folderPrefix, icon, kindName, mainReason, place, title, why, type Hit } from '../hits';
import type { FileNode, Results } from './model';

export type Node = FileNode | Hit;

export const isHit = (node: Node): node is Hit => 'score' in node;

export class ResultsTree implements vscode.TreeDataProvider<Node> {
  readonly #changed = new vscode.EventEmitter<undefined>();
  readonly onDidChangeTreeData = this.#changed.event;
  #files: readonly FileNode[] = [];

  constructor(private readonly results: Results) {
    results.onDidChange(() => {
      this.#files = results.files; // the same objects as long as nothing changes, so that nodes can be revealed
      this.#changed.fire(undefined);
    });
  }

  getChildren(node?: Node): Node[] {
    if (!node) return [...this.#files];
    return isHit(node) ? [] : [...node.hits];
  }

  getParent(node: Node): Node | undefined {
    return isHit(node) ? this.#files.find((file) => file.hits.includes(node)) : undefined;
  }

  getTreeItem(node: Node): vscode.TreeItem {
    return isHit(node) ? this.#hit(node) : file(node);
  }

  #hit(hit: Hit): vscode.TreeItem {
    const set = this.results.set;
    const item = new vscode.TreeItem({ label: title(hit), ...highlights(hit, set?.words ?? []) });
    item.iconPath = icon(hit.kind);
    item.description = `${hit.score.toFixed(2)} ${mainReason(hit)} · ${excerpt(hit, set?.words ?? [])}`;
    item.tooltip = tooltip(hit);
    item.contextValue = set?.origin ? 'similarHit' : 'searchHit';
    item.command = { command: 'codesearch.results.open', title: vscode.l10n.t('Open'), arguments: [hit] };
    item.accessibilityInformation = {
      label: vscode.l10n.t('{0} {1}, line {2}, score {3}, found by {4}', kindName(hit.kind), title(hit), hit.selection.start.line + 1, hit.score.toFixed(2), why(hit)),
    };
    return item;
  }
}

function file(node: FileNode): vscode.TreeItem {
  const item = new vscode.TreeItem(node.uri, vscode.TreeItemCollapsibleState.Expanded);
  const first = node.hits[0];
  const folder = `${first ? folderPrefix(first) : ''}${node.path.split('/').slice(0, -1).join('/')}`;
  item.iconPath = vscode.ThemeIcon.File;
  item.description = [folder, String(node.hits.length)].filter(Boolean).join(' · ');
  item.contextValue = 'file';
  return item;
}

function highlights(hit: Hit, words: readonly string[]): { highlights?: [number, number][] } {
  const name = title(hit).toLowerCase();
  const places = words.flatMap((word): [number, number][] => {
    const start = name.indexOf(word);
    return start < 0 ? [] : [[start, start + word.length]];
  });
  return places.length > 0 ? { highlights: places } : {};
}

function tooltip(hit: Hit): vscode.MarkdownString {
  const text = new vscode.MarkdownString();
  text.appendCodeblock(hit.snippet, hit.language);
  text.appendText(`${place(hit)}\n`);
  text.appendText(vscode.l10n.t('Score {0}: {1}', hit.score.toFixed(2), why(hit)));
  return text;
}
