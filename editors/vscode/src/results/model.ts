/** A set of results, and walking through it. No view knows more than this. */
import * as vscode from 'vscode';
import type { Found, Hit } from '../hits';

export interface Origin {
  readonly uri: vscode.Uri;
  readonly range: vscode.Range;
  readonly label: string;
}

export interface ResultSet {
  readonly title: string;
  readonly found: Found;
  /** What the hits resemble; a search has none. */
  readonly origin?: Origin;
  readonly words: readonly string[];
  /** Asks the same again. */
  readonly again: (token: vscode.CancellationToken) => Promise<Found>;
}

/** The hits of one file, best first. */
export interface FileNode {
  readonly uri: vscode.Uri;
  readonly path: string;
  readonly hits: readonly Hit[];
}

export class Results {
  readonly #changed = new vscode.EventEmitter<void>();
  readonly onDidChange = this.#changed.event;
  readonly #dismissed = new Set<Hit>();
  #set: ResultSet | undefined;

  get set(): ResultSet | undefined {
    return this.#set;
  }

  show(set: ResultSet | undefined): void {
    this.#set = set;
    this.#dismissed.clear();
    this.#changed.fire();
  }

  /** What has not been dismissed, in the order of the view: by file, the file of the best hit first. */
  get files(): readonly FileNode[] {
    const files = new Map<string, { uri: vscode.Uri; path: string; hits: Hit[] }>();
    for (const hit of this.#set?.found.hits ?? []) {
      if (this.#dismissed.has(hit)) continue;
      const known = files.get(hit.uri.toString());
      if (known) known.hits.push(hit);
      else files.set(hit.uri.toString(), { uri: hit.uri, path: hit.path, hits: [hit] });
    }
    return [...files.values()];
  }

  get hits(): readonly Hit[] {
    return this.files.flatMap((file) => file.hits);
  }

  dismiss(hits: readonly Hit[]): void {
    for (const hit of hits) this.#dismissed.add(hit);
    this.#changed.fire();
  }

  /** The hit `steps` after another one, around the ends; the first or last one without another. */
  after(hit: Hit | undefined, steps: 1 | -1): Hit | undefined {
    const all = this.hits;
    const index = hit ? all.indexOf(hit) : -1;
    if (index < 0) return steps > 0 ? all[0] : all.at(-1);
    return all[(index + steps + all.length) % all.length];
  }
}
