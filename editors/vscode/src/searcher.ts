/** Asking the server, whoever asks: the list, the tree, other extensions, a language model. */
import * as vscode from 'vscode';
import { found, type Found } from './hits';
import type { Answer, SearchParams, SimilarParams } from './protocol';
import type { Connection } from './server/connection';

/** There is no server to ask. */
export class NoServerError extends Error {
  constructor() {
    super(vscode.l10n.t('The Code Search server does not run.'));
  }
}

export class Searcher {
  constructor(private readonly connection: Connection) {}

  /** Best hits first. Rejects with NoServerError, or with a CancellationError of the client. */
  search(params: SearchParams, token?: vscode.CancellationToken): Promise<Found> {
    return this.#ask('search', params, token);
  }

  /** What resembles a place, a selection or a text. */
  similar(params: SimilarParams, token?: vscode.CancellationToken): Promise<Found> {
    return this.#ask('similar', params, token);
  }

  async #ask(what: string, params: SearchParams | SimilarParams, token?: vscode.CancellationToken): Promise<Found> {
    const client = await this.connection.client();
    if (!client) throw new NoServerError();
    // A token that is undefined would be sent, as a second parameter.
    const given: [object, vscode.CancellationToken?] = token ? [params, token] : [params];
    return found(await client.sendRequest<Answer>(`codesearch/${what}`, ...given));
  }
}
