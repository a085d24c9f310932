/** "Find by Meaning": a list that answers while you type, with the code beside it. */
import * as vscode from 'vscode';
import { withoutFilters, wordsOf, type Found, type Hit } from '../hits';
import { NoServerError, type Searcher } from '../searcher';
import type { Connection } from '../server/connection';
import type { History } from './history';
import { actionItem, filterItems, historyItems, hitItem, similarButton, type Item } from './items';
import { Live } from './live';
import { at, cannotOpen, Preview } from './preview';

const l10n = vscode.l10n;
const TITLE = l10n.t('Find by Meaning');
const NOTHING: Found = { hits: [], units: 0, complete: true, notes: [] };
/** While the index grows, the answer in view is asked for again this often at most. */
const REFRESH_MS = 1500;

export interface PickerActions {
  readonly install: () => Promise<boolean>;
  readonly sendAll: (query: string, found: Found) => void;
  readonly similar: (hit: Hit) => void;
}

const filterButton: vscode.QuickInputButton = {
  iconPath: new vscode.ThemeIcon('filter'), tooltip: l10n.t('Add a Filter (Ctrl+Shift+F)'),
};
const allButton: vscode.QuickInputButton = {
  iconPath: new vscode.ThemeIcon('list-tree'), tooltip: l10n.t('Send All to the Results View (Ctrl+Shift+Enter)'),
};

export class Picker implements vscode.Disposable {
  readonly #pick = vscode.window.createQuickPick<Item>();
  readonly #preview = new Preview();
  readonly #live: Live<Found>;
  readonly #subscriptions: vscode.Disposable[];
  #found: Found = NOTHING;
  #words: string[] = [];
  /** While a filter is chosen: the question it will be added to. */
  #filtering: string | undefined;
  #refreshAt = 0;
  #timer: NodeJS.Timeout | undefined;
  #done = false;

  constructor(
    private readonly searcher: Searcher,
    private readonly connection: Connection,
    private readonly history: History,
    private readonly actions: PickerActions,
  ) {
    const pick = this.#pick;
    pick.placeholder = l10n.t('Say what the code does, such as: where are retries delayed');
    pick.buttons = [filterButton, allButton];
    pick.title = TITLE;
    keepServersOrder(pick);
    this.#live = new Live(
      (text, token) => this.searcher.search({ query: text }, token),
      (text, found, error) => {
        this.#show(text, found, error);
      },
      (busy) => {
        pick.busy = busy;
      },
    );
    this.#subscriptions = [
      pick.onDidChangeValue((text) => {
        this.#typed(text);
      }),
      pick.onDidChangeActive(([item]) => {
        if (item?.hit) this.#preview.show(item.hit, this.#words);
      }),
      pick.onDidAccept(() => void this.#accept()),
      pick.onDidHide(() => void this.#end(false)),
      pick.onDidTriggerButton((button) => {
        if (button === filterButton) this.filter();
        else if (button === allButton) this.sendAll();
        else this.#leaveFilters('');
      }),
      pick.onDidTriggerItemButton(({ item, button }) => void this.#itemButton(item, button)),
      connection.onDidChange(() => {
        this.#indexChanged();
      }),
    ];
  }

  /** Opens the list; `query` is put in the box and asked. What is typed replaces it, or with `goOn` follows it. */
  show(query: string, goOn = false): void {
    void vscode.commands.executeCommand('setContext', 'codesearch.picker.open', true);
    if (!goOn) this.#pick.value = query; // what is there when it opens is selected
    this.#pick.show();
    if (goOn) this.#pick.value = query; // never without need: what was typed meanwhile would be lost
    this.#typed(query);
    void this.connection.client(); // so that it is up by the time the question is typed
  }

  dispose(): void {
    this.#pick.hide();
  }

  async openToSide(): Promise<void> {
    const hit = this.#pick.activeItems[0]?.hit;
    if (hit) await this.#open(hit, vscode.ViewColumn.Beside);
  }

  sendAll(): void {
    if (this.#found.hits.length === 0) return;
    const [query, found] = [this.#pick.value, this.#found];
    this.history.add(query);
    this.#pick.hide();
    this.actions.sendAll(query, found);
  }

  /** Shows filters in place of the hits; the chosen one is added to the question. */
  filter(): void {
    if (this.#filtering !== undefined) return;
    this.#filtering = this.#pick.value;
    this.#live.drop();
    this.#pick.buttons = [vscode.QuickInputButtons.Back];
    this.#pick.value = '';
    this.#pick.placeholder = l10n.t('A filter to add to: {0}', this.#filtering);
    this.#pick.items = filterItems(this.#found.hits).map((item) => ({ ...item, alwaysShow: false }));
  }

  #leaveFilters(token: string): void {
    const query = [this.#filtering?.trim(), token].filter(Boolean).join(' ');
    this.#filtering = undefined;
    this.#pick.buttons = [filterButton, allButton];
    this.#pick.placeholder = l10n.t('Say what the code does, such as: where are retries delayed');
    this.#pick.value = query;
    this.#typed(query);
  }

  #typed(text: string): void {
    if (this.#filtering !== undefined) return; // the editor narrows the filters down by itself
    this.#words = wordsOf(text);
    if (withoutFilters(text)) {
      this.#live.type(text);
      return;
    }
    this.#live.drop();
    this.#found = NOTHING;
    this.#pick.title = TITLE;
    this.#pick.items = [...this.#setupItems(), ...(text.trim() ? [goOnItem()] : historyItems(this.history.all))];
  }

  #show(text: string, found: Found | undefined, error: unknown): void {
    if (this.#done || this.#filtering !== undefined || this.#pick.value !== text) return;
    if (!found) {
      this.#pick.items = error instanceof NoServerError ? this.#setupItems() : [troubleItem(error)];
      return;
    }
    const before = this.#pick.activeItems[0]?.hit;
    this.#found = found;
    const begun = found.units > 0 || found.complete;
    this.#pick.title = (begun && found.notes.join(' · ')) || TITLE;
    const items = found.hits.map((hit) => hitItem(hit, this.#words));
    this.#pick.items = items.length > 0 ? items : [begun ? nothingItem(text) : notYetItem()];
    // Asked again while the index grows: the user's place in the list stays.
    const same = items.find((item) => before && key(item) === hitKey(before));
    if (same && this.#refreshAt) this.#pick.activeItems = [same];
    this.#refreshAt = 0;
    const [best] = found.hits;
    if (this.#pick.activeItems.length === 0 && best) this.#preview.show(best, this.#words);
  }

  /** What to do first where there is no server yet. */
  #setupItems(): Item[] {
    const { life } = this.connection;
    if (life === 'missing') {
      return [actionItem(
        l10n.t('$(cloud-download) Set up Code Search'),
        l10n.t('A private Python environment, about 2 GB. Your code stays on this machine.'),
        () => this.#install(),
      )];
    }
    if (life === 'installing') return [actionItem(l10n.t('$(sync~spin) Code Search is being set up…'), undefined, () => undefined)];
    if (life === 'waiting' || life === 'starting') return [actionItem(l10n.t('$(sync~spin) The server is starting…'), undefined, () => undefined)];
    if (life === 'failed') {
      return [actionItem(l10n.t('$(debug-restart) Restart the server'), l10n.t('It ended unexpectedly, several times.'), () => this.connection.restart())];
    }
    return [];
  }

  async #install(): Promise<void> {
    this.#pick.ignoreFocusOut = true; // a look at the progress shall not cost the question
    const going = this.actions.install();
    this.#typed(this.#pick.value);
    await going;
    if (!this.#done) this.#pick.ignoreFocusOut = false;
  }

  /** The server came, went, or knows more than when it was asked. */
  #indexChanged(): void {
    if (this.#done || this.#filtering !== undefined || this.#timer) return;
    const waiting = this.#found === NOTHING || !this.#found.complete;
    if (!waiting) return;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.#refreshAt = Date.now();
      this.#typed(this.#pick.value);
    }, this.#found.hits.length === 0 ? 250 : REFRESH_MS);
  }

  async #accept(): Promise<void> {
    const item = this.#pick.activeItems[0];
    if (this.#filtering !== undefined) this.#leaveFilters(item?.text ?? this.#pick.value);
    else if (item?.hit) await this.#open(item.hit, this.#preview.column);
    else if (item?.text) {
      this.#pick.value = item.text;
      this.#typed(item.text);
    } else await item?.act?.();
  }

  async #itemButton(item: Item, button: vscode.QuickInputButton): Promise<void> {
    if (!item.hit) return;
    if (button === similarButton) {
      this.#pick.hide();
      this.actions.similar(item.hit);
    } else await this.#open(item.hit, vscode.ViewColumn.Beside);
  }

  async #open(hit: Hit, column: vscode.ViewColumn): Promise<void> {
    this.history.add(this.#pick.value);
    this.#done = true; // hiding must not put back what is about to be left
    this.#pick.hide();
    const target = column === vscode.ViewColumn.Beside ? this.#preview.beside : column;
    try {
      const editor = await vscode.window.showTextDocument(hit.uri, { viewColumn: target, selection: at(hit), preview: true });
      editor.revealRange(hit.range, vscode.TextEditorRevealType.InCenterIfOutsideViewport);
    } catch (error) {
      cannotOpen(hit, error);
    }
    await this.#end(true);
  }

  async #end(opened: boolean): Promise<void> {
    if (this.#done !== opened) return;
    this.#done = true;
    clearTimeout(this.#timer);
    this.#live.dispose();
    void vscode.commands.executeCommand('setContext', 'codesearch.picker.open', false);
    for (const each of this.#subscriptions) each.dispose();
    this.#pick.dispose();
    await this.#preview.end(opened);
    this.#preview.dispose();
  }
}

/** Without this the editor would sort by label what the server has sorted by meaning. */
function keepServersOrder(pick: vscode.QuickPick<Item>): void {
  (pick as vscode.QuickPick<Item> & { sortByLabel: boolean }).sortByLabel = false;
}

const hitKey = (hit: Hit): string => `${hit.uri.toString()}#${hit.qualifiedName}`;
const key = (item: Item): string => (item.hit ? hitKey(item.hit) : '');

const notYetItem = (): Item =>
  actionItem(l10n.t('$(sync~spin) The index is being built…'), l10n.t('Results appear here as it grows.'), () => undefined);

const goOnItem = (): Item => actionItem(l10n.t('Go on, and say what the code does'), undefined, () => undefined);

const nothingItem = (text: string): Item =>
  actionItem(l10n.t('Nothing found for “{0}”', text), l10n.t('Other words may help; filters such as lang: may be in the way.'), () => undefined);

const troubleItem = (error: unknown): Item =>
  actionItem(`$(warning) ${error instanceof Error ? error.message : String(error)}`, remedy(error), () =>
    vscode.commands.executeCommand('codesearch.log'));

function remedy(error: unknown): string | undefined {
  return (error as { data?: { remedy?: string } }).data?.remedy;
}
