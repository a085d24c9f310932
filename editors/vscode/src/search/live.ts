/** Answers to what is being typed: at once, one at a time, and never one for an older text. */
import * as vscode from 'vscode';

/**
 * Asks as soon as the server is free: the first letter waits for nothing, and while a question is
 * under way, it is cancelled and only the latest text follows it.
 */
export class Live<T> implements vscode.Disposable {
  #next: string | undefined;
  #current: vscode.CancellationTokenSource | undefined;

  constructor(
    private readonly ask: (text: string, token: vscode.CancellationToken) => Promise<T>,
    private readonly tell: (text: string, answer: T | undefined, error: unknown) => void,
    private readonly busy: (busy: boolean) => void,
  ) {}

  type(text: string): void {
    this.#next = text;
    if (this.#current) this.#current.cancel();
    else void this.#run();
  }

  /** Forgets what was asked; nothing is told after this until something is typed. */
  drop(): void {
    this.#next = undefined;
    this.#current?.cancel();
  }

  async #run(): Promise<void> {
    this.busy(true);
    while (this.#next !== undefined) {
      const text = this.#next;
      const source = new vscode.CancellationTokenSource();
      this.#next = undefined;
      this.#current = source;
      let answer: T | undefined;
      let error: unknown;
      try {
        answer = await this.ask(text, source.token);
      } catch (caught) {
        error = caught;
      }
      // Cancelled means that something else was typed, even if an answer came all the same.
      if (!source.token.isCancellationRequested) this.tell(text, answer, error);
      source.dispose();
    }
    this.#current = undefined;
    this.busy(false);
  }

  dispose(): void {
    this.drop();
  }
}
