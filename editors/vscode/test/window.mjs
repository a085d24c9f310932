// What a person sees and does in a window of the editor.
export const LONG = Number(process.env.CODESEARCH_LONG ?? 240_000); // machines under load are no reason to fail

/** A window of the editor, and what a person does in it. */
export class Window {
  constructor(page) {
    this.page = page;
  }

  /** Opens one on a folder or, as `.code-workspace`, on several. */
  static async open(browser, url, root) {
    const page = await browser.newPage({ viewport: { width: 1280, height: 720 } });
    page.setDefaultTimeout(LONG);
    await page.goto(`${url}?${root.endsWith('.code-workspace') ? 'workspace' : 'folder'}=${root}`);
    const files = page.locator('.explorer-folders-view .monaco-list-row').first();
    for (let tries = 1; !(await files.waitFor({ timeout: LONG / 8 }).then(() => true, () => false)); tries++) {
      if (tries === 4) throw new Error('the editor opens no folder');
      await page.reload(); // at times the editor takes a file of folders for an empty one
    }
    return new Window(page);
  }

  async keys(...keys) {
    for (const key of keys) await this.page.keyboard.press(key);
  }

  get status() {
    return this.page.locator('[id="codesearch.codesearch.status"], [id="codesearch.codesearch.codesearch.status"]');
  }

  async statusIs(pattern, timeout = LONG) {
    await this.page.waitForFunction(
      ([source]) => [...document.querySelectorAll('.statusbar-item')].some((item) =>
        new RegExp(source).test(`${item.getAttribute('aria-label') ?? ''} ${item.querySelector('[aria-label]')?.getAttribute('aria-label') ?? ''}`)),
      [`Code Search: ${pattern}`], { timeout },
    );
  }

  async find(question) {
    await this.opens('Control+k', 'Control+g');
    if (question) await this.page.keyboard.type(question, { delay: 15 });
  }

  /** Opens a list with keys; again if a view that opened meanwhile took them, or the focus. */
  async opens(...keys) {
    for (let tries = 0; tries < 8; tries++) {
      await this.keys(...keys);
      const open = this.page.locator('.quick-input-widget:visible input:focus').first().waitFor({ timeout: LONG / 8 });
      if (await open.then(() => true, () => false)) return;
      await this.keys('Escape', 'Escape');
    }
    throw new Error(`${keys.join(' ')} opens no list`);
  }

  async rows() {
    return this.page.locator('.quick-input-list .monaco-list-row').evaluateAll((rows) => rows
      .sort((a, b) => Number(a.dataset.index) - Number(b.dataset.index)).map((row) => row.getAttribute('aria-label') ?? ''));
  }

  async hasRow(pattern, { timeout = LONG, index = undefined } = {}) {
    await this.page.waitForFunction(
      ([source, wanted]) => [...document.querySelectorAll('.quick-input-list .monaco-list-row')].some((row) =>
        new RegExp(source).test(row.getAttribute('aria-label') ?? '') && (wanted === undefined || row.dataset.index === String(wanted))),
      [pattern, index], { timeout },
    );
  }

  async tabs() {
    return this.page.locator('.tabs-container .tab').evaluateAll((tabs) => tabs.map((tab) => tab.getAttribute('data-resource-name')));
  }

  async hasTab(name, there = true) {
    await this.page.locator(`.tabs-container .tab[data-resource-name="${name}"]`).first().waitFor({ state: there ? 'visible' : 'detached' });
  }

  /** Opens a list with a key, types into it and takes the row; once more if a view took the focus meanwhile. */
  async ask(key, text, row = `^${text}`) {
    for (let tries = 0; tries < 8; tries++) {
      await this.opens(key);
      await this.page.keyboard.type(text);
      if (await this.hasRow(row, { index: 0, timeout: LONG / 8 }).then(() => true, () => false)) {
        await this.keys('Enter');
        return;
      }
      await this.keys('Escape', 'Escape');
    }
    throw new Error(`${text} is in no list`);
  }

  async openFile(name) {
    const tab = this.page.locator(`.tab.active[data-resource-name="${name}"]`).first();
    for (let tries = 0; tries < 8; tries++) {
      await this.ask('Control+p', name);
      if (await tab.waitFor({ timeout: LONG / 8 }).then(() => true, () => false)) break;
    }
    await this.page.locator('.editor-group-container.active .monaco-editor.focused').first().waitFor();
  }

  async command(name) {
    await this.ask('F1', `Code Search: ${name}`);
  }

  /** Clicks an entry of something's context menu. */
  async chooseFrom(place, entry) {
    await place.click({ button: 'right' });
    const item = this.page.locator('.monaco-menu .action-item', { hasText: entry });
    await item.waitFor();
    while (await item.isVisible()) { // a click right after it has opened counts for nothing
      await item.click({ timeout: 1000 }).catch(() => undefined);
      await this.page.waitForTimeout(200);
    }
  }

  async treeHas(pattern) {
    await this.page.waitForFunction(
      ([source]) => [...document.querySelectorAll('.pane-body .monaco-list-row')].some((row) => new RegExp(source).test(row.getAttribute('aria-label') ?? '')),
      [pattern], { timeout: LONG },
    );
  }

  /** Waits until every row of the list is as wanted. */
  async onlyRows(pattern) {
    await this.page.waitForFunction(
      ([source]) => {
        const rows = [...document.querySelectorAll('.quick-input-list .monaco-list-row')];
        return rows.length > 0 && rows.every((row) => new RegExp(source).test(row.getAttribute('aria-label') ?? ''));
      },
      [pattern.source], { timeout: LONG },
    );
  }

  async treeRows() {
    return this.page.locator('.pane-body .monaco-list-row').evaluateAll((rows) => rows.map((row) => row.getAttribute('aria-label') ?? ''));
  }

  /** Writes the folder's settings with the editor itself, which then needs no watcher to know them. */
  async set(settings) {
    await this.openFile('settings.json');
    await this.keys('Control+a');
    await this.page.locator('.monaco-editor.focused .selected-text').first().waitFor();
    await this.page.keyboard.insertText(JSON.stringify(settings));
    await this.keys('Control+Shift+End', 'Delete'); // what the editor closed by itself
    await this.keys('Control+s');
    await this.page.locator('.tab.active[data-resource-name="settings.json"]:not(.dirty)').first().waitFor();
  }

  /** The text in the box of the list. */
  async typed() {
    return this.page.locator('.quick-input-widget input').inputValue();
  }

  /** A message, once it is there, in the list of them. */
  async message(pattern) {
    await this.ask('F1', 'Notifications: Show Notifications');
    const message = this.page.locator('.notifications-center .notification-list-item', { hasText: pattern }).first();
    await message.waitFor({ timeout: LONG });
    return message;
  }

  async press(message, button) {
    await message.hover();
    await message.locator('.monaco-button', { hasText: button }).click();
  }
}
