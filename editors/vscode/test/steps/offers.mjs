// What the editor offers by itself once it is wanted: lenses, and near-duplicates.
export default {
  'a lens tells how many functions are similar, and leads to them': async (window, test) => {
    await window.set({ 'codesearch.server.codeLens': true });
    await window.openFile('dispatch.py');
    const lens = window.page.locator('.codelens-decoration a', { hasText: /^\d+\+? similar$/ }).first();
    await lens.waitFor();
    await test.look(window, 'lens');
    await lens.click();
    await window.page.locator('.pane-body .monaco-list:focus .monaco-list-row.focused').first().waitFor();
    await window.set({});
    await window.page.locator('.codelens-decoration').first().waitFor({ state: 'detached' });
  },

  'near-duplicates are marked once they are wanted, with the other place': async (window, test) => {
    await window.openFile('again.py');
    await window.set({ 'codesearch.duplicates.enabled': true });
    await window.openFile('again.py');
    await window.page.locator('.squiggly-info').first().waitFor();
    await window.keys('Control+Shift+M');
    await window.page.locator('.markers-panel .monaco-list-row', { hasText: /Near-duplicate of \w+ \(notify\/dispatch\.py:\d+\)/ }).first().waitFor();
    await window.page.locator('.markers-panel .monaco-list-row', { hasText: /the same/ }).first().waitFor();
    await test.look(window, 'duplicates');
    await window.set({});
    await window.page.locator('.squiggly-info').first().waitFor({ state: 'detached' });
    await window.keys('Control+Shift+M');
  },
};
