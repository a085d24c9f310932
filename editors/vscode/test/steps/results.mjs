// The results view: what is similar, and what was sent there; by mouse and by keys alone.
import assert from 'node:assert/strict';

export default {
  'similar code, by file, with scores; compared with the origin': async (window, test) => {
    await window.find('persistently');
    await window.hasRow('persistently', { index: 0 });
    await window.keys('Enter');
    await window.hasTab('dispatch.py');
    await window.page.locator('.quick-input-widget').waitFor({ state: 'hidden' });
    await window.chooseFrom(window.page.locator('.editor-group-container.active .view-line', { hasText: 'def persistently' }), 'Find Similar Code');
    await window.treeHas('fetchWithRetry.*score');
    await window.page.locator('.pane .message:has-text("Similar to persistently: 20 in")').first().waitFor();
    await window.page.waitForTimeout(800);
    await test.shot(window, 'similar');
    const row = window.page.locator('.pane-body .monaco-list-row', { hasText: 'fetchWithRetry' }).first();
    await row.click();
    await window.hasTab('client.ts');
    await window.keys('F4');
    await window.page.locator('.pane-body .monaco-list-row.selected:not(:has-text("fetchWithRetry"))').first().waitFor();
    await row.hover();
    await row.locator('[aria-label="Compare with Origin"]').click();
    await window.page.locator('.monaco-diff-editor').first().waitFor();
    await window.page.waitForTimeout(1200);
    await test.look(window, 'compare');
  },

  'filters are chosen from a list': async (window, test) => {
    await window.find('retry');
    await window.hasRow('dispatch.py');
    await window.keys('Control+Shift+F');
    await window.hasRow('^lang:python');
    await test.look(window, 'filters');
    await window.page.keyboard.type('lang:py');
    await window.hasRow('^lang:python', { index: 0 });
    await window.keys('Enter');
    await window.onlyRows(/\.py:\d+/);
    assert.equal(await window.typed(), 'retry lang:python');
    await window.keys('Escape');
  },

  'questions are remembered': async (window, test) => {
    await window.find('');
    await window.hasRow('persistently', { index: 0 });
    await window.hasRow('verify a session token');
    await test.look(window, 'history');
    await window.keys('Enter');
    await window.hasRow('dispatch.py');
    assert.equal(await window.typed(), 'persistently');
    await window.keys('Escape');
  },

  'all hits are sent to the results view, walked through, dismissed and peeked at, by keys alone': async (window, test) => {
    await window.keys('Control+k', 'Control+w'); // closes all editors
    await window.find('retry');
    await window.hasRow('dispatch.py');
    await window.keys('Control+Shift+Enter');
    await window.treeHas('persistently.*score');
    await test.look(window, 'results');
    const best = '.pane-body .monaco-list:focus .monaco-list-row.focused:has-text("fetchWithRetry")';
    await window.page.locator(best).first().waitFor();
    await window.page.locator('.pane .message:has-text("20 in 11 files")').first().waitFor();
    await window.keys('Delete');
    await window.page.locator(best).first().waitFor({ state: 'detached' });
    await window.page.locator('.pane .message:has-text("19 in 11 files")').first().waitFor();
    await window.keys('F4');
    await window.page.waitForFunction(() => document.querySelectorAll('.tabs-container .tab').length === 1);
    const [first] = await window.tabs();
    await window.keys('F4', 'F4', 'F4', 'F4');
    await window.page.locator(`.tabs-container .tab.active:not([data-resource-name="${first}"])`).first().waitFor();
    await window.command('Peek Results');
    await window.page.locator('.peekview-widget .monaco-list-row').first().waitFor();
    await test.look(window, 'peek');
    await window.keys('Escape');
    await window.page.locator('.peekview-widget').first().waitFor({ state: 'detached' });
    await window.command('Clear Results');
    await window.page.locator('.pane-body .welcome-view').first().waitFor();
  },

  'a selection is compared with its origin by keys alone': async (window) => {
    await window.openFile('again.py');
    await window.find('stubbornly');
    await window.hasRow('stubbornly', { index: 0 });
    await window.keys('Enter');
    await window.page.locator('.quick-input-widget').waitFor({ state: 'hidden' });
    await window.keys('Control+k', 'Control+Shift+G');
    await window.page.locator('.pane-body .monaco-list:focus .monaco-list-row.focused:has-text("persistently")').first().waitFor();
    await window.command('Compare with Origin');
    await window.page.locator('.monaco-diff-editor').first().waitFor();
    await window.command('Clear Results');
    await window.keys('Control+k', 'Control+w');
  },
};
