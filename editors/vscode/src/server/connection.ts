/** The server's life in this window: started when wanted, brought back when it falls, stopped with us. */
import * as fs from 'node:fs/promises';
import * as vscode from 'vscode';
import type { LanguageClient } from 'vscode-languageclient/node';
import { isTooNew, type Control, type SimilarParams, type Status } from '../protocol';
import type { PrivateEnvironment } from './install';
import { locate, type Server } from './locate';

/**
 * `missing`: none is installed. `failed`: it fell too often. `waiting`: it fell and will be back.
 */
export type Life = 'off' | 'missing' | 'installing' | 'starting' | 'running' | 'waiting' | 'failed';

/** Why there is no server any more: what happened, and where the one that was tried comes from. */
export interface Failure {
  readonly text: string;
  readonly from: Server['from'];
}

/** Seconds before each attempt to bring it back; after the last one the user is asked. */
const BACK_OFF = [0.5, 2, 5, 15, 30];
/** One that has never come to answer is no passing trouble: tried once more, then the user is told. */
const BACK_OFF_AT_FIRST = [0.5];
/** A server that has run for this long has recovered. */
const SOUND_MS = 180_000;

export class Connection implements vscode.Disposable {
  readonly #changed = new vscode.EventEmitter<void>();
  readonly #similar = new vscode.EventEmitter<SimilarParams>();
  readonly #failed = new vscode.EventEmitter<Failure>();
  /** The life or the index's status changed. */
  readonly onDidChange = this.#changed.event;
  readonly onSimilar = this.#similar.event;
  /** It will not be tried again by itself. */
  readonly onDidFail = this.#failed.event;

  #life: Life = 'off';
  #status: Status | undefined;
  #client: LanguageClient | undefined;
  #starting: Promise<LanguageClient | undefined> | undefined;
  #falls = 0;
  #startedAt = 0;
  #hasRun = false;
  #trouble = '';
  #timer: NodeJS.Timeout | undefined;
  #disposed = false;

  constructor(
    private readonly context: vscode.ExtensionContext,
    private readonly log: vscode.LogOutputChannel,
    private readonly environment: PrivateEnvironment,
  ) {}

  get life(): Life {
    return this.#life;
  }

  /** What the server said last; undefined until it has. */
  get status(): Status | undefined {
    return this.#status;
  }

  get version(): string {
    return (this.context.extension.packageJSON as { version: string }).version;
  }

  /**
   * The running client; starts the server if need be. Undefined: none is installed, or it fails.
   *
   * One that has failed is tried again by `restart` alone, or each letter of a question would.
   */
  async client(): Promise<LanguageClient | undefined> {
    if (this.#life === 'running') return this.#client;
    if (this.#life === 'installing' || this.#life === 'failed') return undefined;
    this.#starting ??= this.#start().finally(() => {
      this.#starting = undefined;
    });
    return this.#starting;
  }

  /** Says that an installation goes on, so that nobody starts another. */
  installing(going: boolean): void {
    this.#set(going ? 'installing' : 'off');
  }

  async restart(): Promise<void> {
    await this.stop();
    this.#falls = 0;
    this.#hasRun = false;
    await this.client();
  }

  async stop(): Promise<void> {
    clearTimeout(this.#timer);
    await this.#starting?.catch(() => undefined);
    const client = this.#client;
    this.#client = undefined;
    this.#status = undefined;
    this.#set('off');
    await client?.dispose(3000).catch(() => undefined);
  }

  /** Pauses, resumes, re-indexes, or asks how it is. Rejects if there is no server. */
  async tell(what: Control): Promise<Status> {
    const client = await this.client();
    if (!client) throw new Error(vscode.l10n.t('The Code Search server does not run.'));
    this.#status = await client.sendRequest<Status>(`codesearch/${what}`, {});
    this.#changed.fire();
    return this.#status;
  }

  dispose(): void {
    this.#disposed = true;
    void this.stop();
    for (const each of [this.#changed, this.#similar, this.#failed]) each.dispose();
  }

  async #start(): Promise<LanguageClient | undefined> {
    clearTimeout(this.#timer);
    this.#set('starting');
    const server = await locate(this.version, await this.environment.python());
    if (!server) {
      this.#set('missing');
      return undefined;
    }
    this.log.info(`Starting ${[server.command, ...server.args].join(' ')} (${server.from})`);
    const cwd = this.context.globalStorageUri.fsPath;
    await fs.mkdir(cwd, { recursive: true });
    const { createClient } = await import('./client.js'); // large, and no part of the editor's start
    const client = createClient(server, this.log, cwd, {
      closed: () => {
        this.#fell(client, server.from);
      },
      similar: (params) => {
        this.#similar.fire(params);
      },
    });
    this.#client = client;
    client.onNotification('codesearch/status', (status: Status) => {
      this.#status = status;
      this.#changed.fire();
    });
    return this.#run(client, server.from);
  }

  async #run(client: LanguageClient, from: Server['from']): Promise<LanguageClient | undefined> {
    try {
      await client.start();
    } catch (error) {
      this.#trouble = error instanceof Error ? error.message : String(error);
      this.log.error(`The server did not start: ${this.#trouble}`);
      this.#fell(client, from);
      return undefined;
    }
    this.#startedAt = Date.now();
    this.#hasRun = true;
    if (isTooNew(client)) this.log.warn('The server speaks a newer protocol; upgrade this extension.');
    this.#set('running');
    return client;
  }

  /** It ended unasked: soon again, or, after several times, when the user says so. */
  #fell(client: LanguageClient, from: Server['from']): void {
    if (client !== this.#client || this.#disposed) return;
    this.#client = undefined;
    this.#status = undefined;
    void client.dispose(1000).catch(() => undefined);
    if (this.#startedAt && Date.now() - this.#startedAt > SOUND_MS) this.#falls = 0;
    this.#startedAt = 0;
    const seconds = (this.#hasRun ? BACK_OFF : BACK_OFF_AT_FIRST)[this.#falls++];
    if (seconds === undefined) {
      this.#set('failed');
      const text = this.#hasRun
        ? vscode.l10n.t('The Code Search server keeps ending unexpectedly.')
        : vscode.l10n.t('The Code Search server does not start: {0}', this.#trouble);
      this.#failed.fire({ text, from });
      return;
    }
    this.log.warn(`The server ended unexpectedly; it is started again in ${seconds} s.`);
    this.#set('waiting');
    this.#timer = setTimeout(() => void this.client(), seconds * 1000);
  }

  #set(life: Life): void {
    this.#life = life;
    void vscode.commands.executeCommand('setContext', 'codesearch.running', life === 'running');
    this.#changed.fire();
  }
}
