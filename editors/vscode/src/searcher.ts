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
  async search(params: SearchParams, token?: vscode.CancellationToken): Promise<Found> {
    const client = await this.connection.client();
    if (!client) throw new NoServerError();
    return found(await client.sendRequest<Answer>('codesearch/search', params, token));
  }

  /** What resembles a place, a selection or a text. */
  async similar(params: SimilarParams, token?: vscode.CancellationToken): Promise<Found> {
    const client = await this.connection.client();
    if (!client) throw new NoServerError();
    return found(await client.sendRequest<Answer>('codesearch/similar', params, token));
  }
}
