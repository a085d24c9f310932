// Asking, looking and opening.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

export default {
  'an empty profile and a repository: the first result without a terminal or a setting': async (window, test) => {
    await window.statusIs('not set up');
    await window.find('stop people from calling the api too often');
    await window.hasRow('Set up Code Search');
    await test.look(window, 'set-up');
    await window.keys('Enter');
    await window.hasRow('Throttle', { timeout: 580_000 });
    await window.keys('Escape');
    await window.statusIs('ready');
  },

  'the code is shown beside the list, and is gone with it': async (window, test) => {
    await window.openFile('quotes.py');
    await window.find('stop people from calling the api too often');
    await window.hasRow('Throttle', { index: 0 });
    await window.hasTab('limiter.go');
    await window.page.waitForTimeout(800); // for the picture alone
    await test.shot(window, 'picker');
    const second = (await window.rows())[1];
    await window.keys('ArrowDown');
    const file = /(\w+\.\w+):\d+/.exec(second)[1];
    await window.hasTab(file);
    await window.keys('Escape');
    await window.hasTab(file, false);
    assert.deepEqual(await window.tabs(), ['quotes.py']);
    await window.page.waitForFunction(() => document.querySelectorAll('.editor-group-container').length === 1);
  },

  'a hit is opened where the user was': async (window) => {
    await window.find('verify a session token');
    await window.hasRow('session.go', { index: 0 });
    await window.keys('Enter');
    await window.page.locator('.quick-input-widget').waitFor({ state: 'hidden' });
    await window.hasTab('session.go');
    await window.page.waitForFunction(() => document.querySelectorAll('.editor-group-container').length === 1);
  },

  'what is written and saved is found': async (window, test) => {
    await window.openFile('quotes.py');
    await window.keys('Control+End', 'Enter');
    await window.page.keyboard.type('def tickle_the_walrus(feather):');
    await window.keys('Enter');
    await window.page.keyboard.type('return feather');
    await window.keys('Control+s');
    await window.find('tickle the walrus');
    await window.hasRow('tickle_the_walrus');
    await window.keys('Escape');
    assert.match(readFileSync(join(test.root, 'pricing', 'quotes.py'), 'utf8'), /tickle_the_walrus/);
  },

  'only a folder is searched, from its menu': async (window, test) => {
    await window.chooseFrom(window.page.locator('.explorer-folders-view .monaco-list-row', { hasText: 'notify' }), 'Find by Meaning in This Folder…');
    await window.page.locator('.quick-input-widget:visible input:focus').first().waitFor();
    assert.equal(await window.typed(), 'path:"notify/" ');
    await window.hasRow('Go on, and say what the code does');
    await test.look(window, 'folder');
    await window.page.keyboard.type('retry');
    assert.equal(await window.typed(), 'path:"notify/" retry');
    await window.hasRow('persistently');
    await window.onlyRows(/notify\/\w+\.py:\d+/);
    await window.keys('Escape');
  },
};
