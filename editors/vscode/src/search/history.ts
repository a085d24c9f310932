/** Questions asked before in this workspace, the latest first. */
import type * as vscode from 'vscode';
import * as settings from '../settings';

const KEY = 'history';

export class History {
  constructor(private readonly state: vscode.Memento) {}

  get all(): readonly string[] {
    return this.state.get<string[]>(KEY, []).slice(0, settings.historyLength());
  }

  add(text: string): void {
    const asked = text.trim();
    if (!asked) return;
    const kept = [asked, ...this.all.filter((each) => each !== asked)];
    void this.state.update(KEY, kept.slice(0, settings.historyLength()));
  }

  clear(): void {
    void this.state.update(KEY, undefined);
  }
}
