/** The code of a hit, shown while the user moves through a list, and gone without a trace after it. */
import * as vscode from 'vscode';
import type { Hit } from '../hits';
import * as settings from '../settings';

const ALL_COLUMNS = [
  vscode.ViewColumn.One, vscode.ViewColumn.Two, vscode.ViewColumn.Three, vscode.ViewColumn.Four, vscode.ViewColumn.Five,
];

/** What stood in the column that is used for the preview. */
interface Before {
  readonly column: vscode.ViewColumn;
  readonly tabs: ReadonlySet<vscode.Tab>;
  readonly editor: vscode.TextEditor | undefined;
  readonly selection: vscode.Selection | undefined;
  readonly visible: vscode.Range | undefined;
  readonly wasPreview: boolean;
}

export class Preview implements vscode.Disposable {
  readonly #whole = vscode.window.createTextEditorDecorationType({
    isWholeLine: true,
    backgroundColor: new vscode.ThemeColor('editor.rangeHighlightBackground'),
    overviewRulerColor: new vscode.ThemeColor('editorOverviewRuler.rangeHighlightForeground'),
    overviewRulerLane: vscode.OverviewRulerLane.Center,
  });
  readonly #word = vscode.window.createTextEditorDecorationType({
    backgroundColor: new vscode.ThemeColor('editor.findMatchHighlightBackground'),
    borderColor: new vscode.ThemeColor('editor.findMatchHighlightBorder'),
  });
  readonly #active = vscode.window.activeTextEditor;
  readonly #opened = new Map<vscode.ViewColumn, Set<string>>();
  #before: Before | undefined;
  #editor: vscode.TextEditor | undefined;
  #wanted: Hit | undefined;
  #work: Promise<void> = Promise.resolve();

  /** Where the user was when the preview began; hits are opened there. */
  get column(): vscode.ViewColumn {
    return this.#active?.viewColumn ?? vscode.ViewColumn.One;
  }

  /** The group next to it: the one that is there already, rather than one more. */
  get beside(): vscode.ViewColumn {
    return ALL_COLUMNS[this.column] ?? this.column;
  }

  /** Shows a hit, unless another one is wanted before its turn comes. */
  show(hit: Hit, words: readonly string[]): void {
    if (settings.preview() === 'off') return;
    this.#wanted = hit;
    this.#work = this.#work.then(() => this.#show(hit, words)).catch(() => {
      // The file is gone, or is no text: there is nothing to show, and the list says enough.
    });
  }

  async #show(hit: Hit, words: readonly string[]): Promise<void> {
    if (this.#wanted !== hit) return;
    const beside = settings.preview() === 'beside' && this.#active !== undefined;
    const document = await vscode.workspace.openTextDocument(hit.uri);
    this.#before ??= remember(beside ? this.beside : this.column);
    this.#editor = await vscode.window.showTextDocument(document, {
      viewColumn: this.#before.column, preview: true, preserveFocus: true, selection: at(hit),
    });
    const column = this.#editor.viewColumn ?? this.#before.column;
    this.#opened.set(column, (this.#opened.get(column) ?? new Set()).add(hit.uri.toString()));
    // Always in the middle: the list covers the upper part of the window.
    this.#editor.revealRange(at(hit), vscode.TextEditorRevealType.InCenter);
    this.#editor.setDecorations(this.#whole, [hit.range]);
    this.#editor.setDecorations(this.#word, matches(document, hit.range, words));
  }

  /** Puts everything back as it was. `keep`: a hit was opened, so what is in front stays there. */
  async end(keep = false): Promise<void> {
    this.#wanted = undefined;
    await this.#work;
    const before = this.#before;
    this.#before = undefined;
    for (const type of [this.#whole, this.#word]) this.#editor?.setDecorations(type, []);
    if (!before) return;
    const front = keep ? vscode.window.activeTextEditor?.document.uri.toString() : undefined;
    await vscode.window.tabGroups.close(this.#leftovers(before, front), true);
    await restore(before, keep);
  }

  /** The tabs that the preview opened and nobody wants to keep. */
  #leftovers(before: Before, front: string | undefined): vscode.Tab[] {
    return vscode.window.tabGroups.all.flatMap((group) => group.tabs.filter((tab) => {
      const uri = tab.input instanceof vscode.TabInputText ? tab.input.uri.toString() : '';
      const ours = this.#opened.get(group.viewColumn)?.has(uri) === true;
      const inFront = group.isActive && uri === front;
      return ours && tab.isPreview && !tab.isDirty && !before.tabs.has(tab) && !inFront;
    }));
  }

  dispose(): void {
    this.#whole.dispose();
    this.#word.dispose();
  }
}

function remember(column: vscode.ViewColumn): Before {
  const group = vscode.window.tabGroups.all.find((each) => each.viewColumn === column);
  const editor = vscode.window.visibleTextEditors.find((each) => each.viewColumn === column);
  return {
    column, editor,
    tabs: new Set(vscode.window.tabGroups.all.flatMap((each) => each.tabs)),
    selection: editor?.selection,
    visible: editor?.visibleRanges[0],
    wasPreview: group?.activeTab?.isPreview ?? false,
  };
}

async function restore(before: Before, keep: boolean): Promise<void> {
  if (!before.editor || (keep && vscode.window.activeTextEditor?.viewColumn === before.column)) return;
  const editor = await vscode.window.showTextDocument(before.editor.document, {
    viewColumn: before.column, preview: before.wasPreview, preserveFocus: true,
  });
  if (before.selection) editor.selection = before.selection;
  if (before.visible) editor.revealRange(before.visible, vscode.TextEditorRevealType.AtTop);
}

/** The start of a hit's name, as an empty selection. */
export const at = (hit: Hit): vscode.Range => new vscode.Range(hit.selection.start, hit.selection.start);

function matches(document: vscode.TextDocument, range: vscode.Range, words: readonly string[]): vscode.Range[] {
  const text = document.getText(range).toLowerCase();
  const start = document.offsetAt(range.start);
  const all: vscode.Range[] = [];
  for (const word of words) {
    for (let i = text.indexOf(word); i >= 0 && all.length < 500; i = text.indexOf(word, i + word.length)) {
      all.push(new vscode.Range(document.positionAt(start + i), document.positionAt(start + i + word.length)));
    }
  }
  return all;
}

/** Tells that a hit could not be opened; not if something else was opened instead, faster than it. */
export function cannotOpen(hit: Hit, error: unknown): void {
  if (String(error).includes('Could NOT open editor')) return;
  void vscode.window.showErrorMessage(vscode.l10n.t('{0} cannot be opened: {1}', hit.path, String(error)));
}
