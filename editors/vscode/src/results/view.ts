/** The results view: what can be done with results, by mouse and by key. */
import * as vscode from 'vscode';
import type { Hit } from '../hits';
import { at, cannotOpen } from '../search/preview';
import { compare, Parts } from './compare';
import { Results, type ResultSet } from './model';
import { isHit, ResultsTree, type Node } from './tree';

const l10n = vscode.l10n;

export class ResultsView implements vscode.Disposable {
  readonly results = new Results();
  readonly #tree = new ResultsTree(this.results);
  readonly #view = vscode.window.createTreeView<Node>('codesearch.results', {
    treeDataProvider: this.#tree, showCollapseAll: true,
  });
  readonly #subscriptions: vscode.Disposable[];
  #current: Hit | undefined;

  constructor(private readonly similar: (hit: Hit) => void) {
    const on = (name: string, act: (node?: Node) => unknown): vscode.Disposable =>
      vscode.commands.registerCommand(`codesearch.results.${name}`, act);
    const onHit = (name: string, act: (hit: Hit) => unknown): vscode.Disposable =>
      on(name, (node) => {
        const hit = node ?? this.#view.selection[0] ?? this.#current;
        return hit && isHit(hit) ? act(hit) : undefined;
      });
    this.#subscriptions = [
      this.#view, Parts.register(),
      onHit('open', (hit) => this.#open(hit, vscode.ViewColumn.Active, true)),
      onHit('openToSide', (hit) => this.#open(hit, vscode.ViewColumn.Beside, false)),
      onHit('similar', this.similar),
      onHit('copy', (hit) => vscode.env.clipboard.writeText(`${hit.path}:${hit.selection.start.line + 1}`)),
      onHit('compare', (hit) => this.results.set?.origin && compare(this.results.set.origin, hit)),
      on('dismiss', (node) => {
        this.#dismiss(node ?? this.#view.selection[0]);
      }),
      on('next', () => this.#step(1)),
      on('previous', () => this.#step(-1)),
      on('rerun', () => this.#again()),
      on('clear', () => {
        this.#set(undefined);
      }),
      on('peek', () => this.#peek()),
    ];
  }

  /** Shows a set and moves the focus to its best hit, without opening it. */
  async show(set: ResultSet): Promise<void> {
    this.#set(set);
    await vscode.commands.executeCommand('codesearch.results.focus');
    const first = this.results.hits[0];
    if (first) await this.#view.reveal(first, { select: true, focus: true });
  }

  dispose(): void {
    for (const each of this.#subscriptions) each.dispose();
  }

  #set(set: ResultSet | undefined): void {
    this.#current = undefined;
    this.results.show(set);
    this.#tellCounts();
    void vscode.commands.executeCommand('setContext', 'codesearch.results.active', set !== undefined);
  }

  #tellCounts(): void {
    const { set, hits, files } = this.results;
    this.#view.message = set ? message(set, hits.length, files.length) : '';
  }

  async #open(hit: Hit, viewColumn: vscode.ViewColumn, preserveFocus: boolean): Promise<void> {
    this.#current = hit;
    try {
      const editor = await vscode.window.showTextDocument(hit.uri, { viewColumn, preserveFocus, preview: true, selection: at(hit) });
      editor.revealRange(hit.range, vscode.TextEditorRevealType.InCenterIfOutsideViewport);
    } catch (error) {
      cannotOpen(hit, error);
    }
  }

  async #step(steps: 1 | -1): Promise<void> {
    const hit = this.results.after(this.#current, steps);
    if (!hit) return;
    this.#current = hit; // at once: the key may be pressed again before it is shown
    await this.#view.reveal(hit, { select: true, focus: false });
    await this.#open(hit, vscode.ViewColumn.Active, false);
  }

  #dismiss(node: Node | undefined): void {
    if (!node) return;
    const gone = isHit(node) ? [node] : node.hits;
    if (this.#current && gone.includes(this.#current)) this.#current = undefined;
    this.results.dismiss(gone);
    this.#tellCounts();
  }

  async #again(): Promise<void> {
    const set = this.results.set;
    if (!set) return;
    await vscode.window.withProgress({ location: { viewId: 'codesearch.results' } }, async (_, token) => {
      this.#set({ ...set, found: await set.again(token) });
    });
  }

  async #peek(): Promise<void> {
    const editor = vscode.window.activeTextEditor;
    const origin = this.results.set?.origin;
    const from = origin ? { uri: origin.uri, position: origin.range.start } : editor && { uri: editor.document.uri, position: editor.selection.active };
    if (!from) return;
    const places = this.results.hits.map((hit) => new vscode.Location(hit.uri, hit.range));
    await vscode.commands.executeCommand('editor.action.peekLocations', from.uri, from.position, places, 'peek');
  }
}

/** What was asked, and how much was found. */
function message(set: ResultSet, hits: number, files: number): string {
  const asked = set.origin ? l10n.t('Similar to {0}', set.title) : `“${set.title}”`;
  const counts = hits === 0 ? l10n.t('nothing found') : l10n.t('{0} in {1} files', hits, files);
  return [`${asked}: ${counts}`, ...set.found.notes].join('. ');
}
