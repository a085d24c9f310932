/** "Find Similar Code": from the cursor, a selection, a hit, a code action or a lens to the results view. */
import * as vscode from 'vscode';
import { title, type Hit } from './hits';
import type { SimilarParams } from './protocol';
import type { Origin, ResultSet } from './results/model';
import type { ResultsView } from './results/view';
import { NoServerError, type Searcher } from './searcher';

const l10n = vscode.l10n;

export class Similar {
  constructor(
    private readonly searcher: Searcher,
    private readonly view: ResultsView,
    private readonly offerServer: () => Promise<boolean>,
  ) {}

  /** For what the user selected, or stands on. */
  async fromEditor(): Promise<void> {
    const editor = vscode.window.activeTextEditor;
    if (!editor) {
      void vscode.window.showInformationMessage(l10n.t('Open a file and stand on a function first.'));
      return;
    }
    const { document, selection } = editor;
    await this.from({
      textDocument: { uri: document.uri.toString() },
      ...(selection.isEmpty ? { position: selection.active } : { range: { start: selection.start, end: selection.end } }),
    });
  }

  fromHit(hit: Hit): Promise<void> {
    const params = { textDocument: { uri: hit.uri.toString() }, position: hit.selection.start };
    return this.from(params, { uri: hit.uri, range: hit.range, label: title(hit) });
  }

  /** For the place that a code action, a lens or a command names. */
  async from(params: SimilarParams, known?: Origin): Promise<void> {
    const origin = known ?? (await originOf(params));
    const title = origin?.label ?? l10n.t('similar code');
    const again: ResultSet['again'] = (token) => this.searcher.similar(params, token);
    try {
      const found = await vscode.window.withProgress(
        { location: vscode.ProgressLocation.Window, title: l10n.t('Finding similar code') },
        (_, token) => again(token),
      );
      await this.view.show({ title, found, words: [], again, ...(origin ? { origin } : {}) });
    } catch (error) {
      await this.#failed(error, params);
    }
  }

  async #failed(error: unknown, params: SimilarParams): Promise<void> {
    if (error instanceof NoServerError) {
      if (await this.offerServer()) await this.from(params);
      return;
    }
    const remedy = (error as { data?: { remedy?: string } }).data?.remedy;
    const text = error instanceof Error ? error.message : String(error);
    void vscode.window.showWarningMessage([text, remedy].filter(Boolean).join('. '));
  }
}

/** The code that the others resemble: the selection, else the symbol around the place. */
async function originOf(params: SimilarParams): Promise<Origin | undefined> {
  if (!params.textDocument) return undefined;
  const uri = vscode.Uri.parse(params.textDocument.uri);
  const { start, end } = params.range ?? {};
  const file = uri.path.split('/').at(-1) ?? '';
  if (start && end && (start.line !== end.line || start.character !== end.character)) {
    const range = new vscode.Range(start.line, start.character, end.line, end.character);
    return { uri, range, label: `${file}:${start.line + 1}–${end.line + 1}` };
  }
  const at = params.position ?? start;
  if (!at) return undefined;
  const position = new vscode.Position(at.line, at.character);
  const symbol = await symbolAt(uri, position);
  if (symbol) return { uri, label: symbol.name, range: symbol.range };
  const document = await vscode.workspace.openTextDocument(uri);
  const range = blockAt(document, position);
  return { uri, range, label: nameIn(document.lineAt(range.start.line).text) ?? `${file}:${at.line + 1}` };
}

const CODE = new Set([
  vscode.SymbolKind.Function, vscode.SymbolKind.Method, vscode.SymbolKind.Constructor, vscode.SymbolKind.Class,
  vscode.SymbolKind.Struct, vscode.SymbolKind.Interface, vscode.SymbolKind.Enum,
]);

async function symbolAt(uri: vscode.Uri, position: vscode.Position): Promise<vscode.DocumentSymbol | undefined> {
  let symbols: vscode.DocumentSymbol[] | undefined;
  try {
    symbols = await vscode.commands.executeCommand<vscode.DocumentSymbol[] | undefined>('vscode.executeDocumentSymbolProvider', uri);
  } catch {
    return undefined; // another extension's trouble
  }
  let best: vscode.DocumentSymbol | undefined;
  for (let level = symbols ?? []; level.length > 0; ) {
    const inner = level.find((each) => each.range.contains(position));
    if (inner && CODE.has(inner.kind)) best = inner;
    level = inner?.children ?? [];
  }
  return best;
}

/** Without symbols: the lines around the place that belong together by indentation. */
function blockAt(document: vscode.TextDocument, position: vscode.Position): vscode.Range {
  const indent = (line: number): number => {
    const text = document.lineAt(line);
    return text.isEmptyOrWhitespace ? Infinity : text.firstNonWhitespaceCharacterIndex;
  };
  let first = position.line;
  const outer = indent(first);
  while (first > 0 && outer > 0 && outer !== Infinity && indent(first) >= outer) first--;
  const base = indent(first) === Infinity ? 0 : indent(first);
  let last = first;
  while (last + 1 < document.lineCount && (indent(last + 1) > base || /^\s*[)}\]]/.test(document.lineAt(last + 1).text))) last++;
  while (last > position.line && document.lineAt(last).isEmptyOrWhitespace) last--;
  return new vscode.Range(first, 0, last, document.lineAt(last).text.length);
}

/** What a line defines, by its looks: good enough for a title. */
export function nameIn(line: string): string | undefined {
  const type = /\b(?:class|struct|interface|enum|trait|module|record|protocol|object)\s+([\p{L}_][\p{L}\p{N}_]*)/u.exec(line);
  const called = /(?<![\p{L}\p{N}_])(?!func\b|function\b|fn\b|fun\b|def\b)([\p{L}_$][\p{L}\p{N}_$]*)\s*(?:<[^>(]*>|\[[^\](]*\])?\(/u.exec(line);
  return (type ?? called)?.[1];
}
