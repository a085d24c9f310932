/** What other extensions may call: `vscode.extensions.getExtension('codesearch.codesearch').activate()`. */
import type * as vscode from 'vscode';
import type { Found, Hit } from './hits';
import type { Filters } from './protocol';
import type { Searcher } from './searcher';

export type { Filters, Found, Hit };

export interface CodeSearchApi {
  /** Raised when a caller written for the version before would be misled. */
  readonly version: 1;
  /** Best hits first. Rejects if there is no server; never installs one. */
  search(query: string, filters?: Filters, token?: vscode.CancellationToken): Promise<Found>;
  /** What resembles the definition at a position, or the lines of a range. */
  similar(uri: vscode.Uri, at: vscode.Position | vscode.Range, filters?: Filters, token?: vscode.CancellationToken): Promise<Found>;
  /** What resembles a piece of code that need not be in a file. */
  similarTo(code: string, languageId?: string, filters?: Filters, token?: vscode.CancellationToken): Promise<Found>;
}

export function createApi(searcher: Searcher): CodeSearchApi {
  return {
    version: 1,
    search: (query, filters = {}, token) => searcher.search({ ...filters, query }, token),
    similar: (uri, at, filters = {}, token) => {
      const textDocument = { uri: uri.toString() };
      const place = 'start' in at ? { range: { start: at.start, end: at.end } } : { position: at };
      return searcher.similar({ ...filters, textDocument, ...place }, token);
    },
    similarTo: (text, languageId, filters = {}, token) =>
      searcher.similar({ ...filters, text, ...(languageId ? { languageId } : {}) }, token),
  };
}
