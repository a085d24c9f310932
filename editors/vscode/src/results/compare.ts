/** "Compare with origin": two pieces of code side by side, each as a document of its own. */
import * as vscode from 'vscode';
import { title, type Hit } from '../hits';
import type { Origin } from './model';

const SCHEME = 'codesearch-part';

/** Serves lines of files as documents: `codesearch-part:/path/file.py?{"uri":…,"range":[a,b]}`. */
export class Parts implements vscode.TextDocumentContentProvider {
  static register(): vscode.Disposable {
    return vscode.workspace.registerTextDocumentContentProvider(SCHEME, new Parts());
  }

  async provideTextDocumentContent(uri: vscode.Uri): Promise<string> {
    const part = JSON.parse(uri.query) as { uri: string; lines: [number, number] };
    const document = await vscode.workspace.openTextDocument(vscode.Uri.parse(part.uri));
    const [first, last] = part.lines;
    const end = document.lineAt(Math.min(last, document.lineCount - 1)).range.end;
    return unindented(document.getText(new vscode.Range(new vscode.Position(first, 0), end)));
  }
}

export async function compare(origin: Origin, hit: Hit): Promise<void> {
  const name = `${origin.label} ↔ ${title(hit)}`;
  await vscode.commands.executeCommand('vscode.diff', part(origin.uri, origin.range), part(hit.uri, hit.range), name, { preview: true });
}

function part(uri: vscode.Uri, range: vscode.Range): vscode.Uri {
  const query = JSON.stringify({ uri: uri.toString(), lines: [range.start.line, range.end.line] });
  return vscode.Uri.from({ scheme: SCHEME, path: uri.path, query });
}

/** A method and a function differ by their indentation alone otherwise. */
function unindented(text: string): string {
  const lines = text.split('\n');
  const widths = lines.filter((line) => line.trim()).map((line) => /^\s*/.exec(line)?.[0].length ?? 0);
  const common = Math.min(...widths);
  return Number.isFinite(common) ? lines.map((line) => line.slice(common)).join('\n') : text;
}
