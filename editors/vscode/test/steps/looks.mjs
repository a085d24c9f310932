// Themes, and several folders in one window.
import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Window } from '../window.mjs';

const THEMES = { light: 'Default Light Modern', contrast: 'Default High Contrast', 'light-contrast': 'Default High Contrast Light' };

export default {
  'every theme can be read': async (window, test) => {
    await window.openFile('quotes.py');
    for (const [name, theme] of Object.entries(THEMES)) {
      await window.set({ 'workbench.colorTheme': theme });
      await window.openFile('quotes.py');
      await window.page.locator(`.monaco-workbench.${{ light: 'vs', contrast: 'hc-black', 'light-contrast': 'hc-light' }[name]}`).first().waitFor();
      await window.find('stop people from calling the api too often');
      await window.hasRow('Throttle', { index: 0 });
      await window.hasTab('limiter.go');
      // Icons of kinds and the words that were found have colours of the theme.
      const row = window.page.locator('.quick-input-list .monaco-list-row').first();
      assert.ok(await row.locator('.codicon').first().isVisible());
      await window.page.waitForTimeout(500); // for the picture alone
      await test.look(window, `picker-${name}`);
      await window.keys('Control+Shift+Enter');
      await window.treeHas('Throttle.*score');
      await window.page.waitForTimeout(500);
      await test.look(window, `results-${name}`);
      await window.command('Clear Results');
    }
    await window.set({});
  },

  'several folders are searched together, and told apart': async (_, test) => {
    const other = join(test.home, 'letters');
    mkdirSync(other);
    writeFileSync(join(other, 'stamps.py'), 'def glue_a_stamp(letter):\n    """Put postage on a letter."""\n    return letter + [1]\n');
    const workspace = join(test.home, 'two.code-workspace');
    writeFileSync(workspace, JSON.stringify({ folders: [{ path: 'parcels' }, { path: 'letters' }] }));
    const window = await Window.open(test.browser, test.url, workspace);
    await window.statusIs('ready').finally(() => test.look(window, 'folders'));
    await window.find('put postage on a letter');
    await window.hasRow('glue_a_stamp.*letters/stamps.py:1', { index: 0 });
    await window.hasRow('parcels/');
    await test.look(window, 'folders');
    await window.keys('Escape');
    await window.page.close();
  },

  'first steps are shown': async (window, test) => {
    await window.ask('F1', 'Welcome: Open Walkthrough');
    await window.hasRow('Get Started with Code Search');
    await window.page.keyboard.type('Get Started with Code Search');
    await window.keys('Enter');
    const steps = window.page.locator('.gettingStartedDetailsContent .getting-started-step');
    await steps.first().waitFor();
    assert.equal(await steps.count(), 4);
    await window.page.waitForTimeout(800);
    await test.look(window, 'walkthrough');
  },
};
