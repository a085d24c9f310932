// The index's life and the server's.
import assert from 'node:assert/strict';
import { until } from '../processes.mjs';

const another = (what, test, server) =>
  until(what, () => test.processes.servers().length === 1 && test.processes.servers()[0] !== server);

/** Sets another environment among other things; the server that then starts tells that they are known. */
async function setAnother(window, test, settings) {
  const [server] = test.processes.servers();
  await window.set(settings);
  await another('the settings are known', test, server);
}

export default {
  'indexing is paused and resumed from the status bar': async (window) => {
    await window.command('Pause Indexing');
    await window.statusIs('indexing is paused');
    await window.status.click();
    await window.hasRow('Resume Indexing');
    await window.page.locator('.quick-input-widget:visible input:focus').first().waitFor();
    await window.page.keyboard.type('Resume');
    await window.hasRow('Resume Indexing', { index: 0 });
    await window.keys('Enter');
    await window.statusIs('ready');
  },

  'a killed server comes back': async (window, test) => {
    const before = test.processes.servers();
    assert.equal(before.length, 1);
    process.kill(before[0], 'SIGKILL');
    await another('there is another server', test, before[0]);
    await window.statusIs('ready');
    await window.find('verify a session token');
    await window.hasRow('session.go');
    await window.keys('Escape');
  },

  'a server that does not start is told of, with a button that helps': async (window, test) => {
    await window.set({ 'codesearch.server.command': ['/nowhere/codesearch'] });
    await window.statusIs('the server does not run');
    const message = await window.message(/does not start/);
    await test.look(window, 'trouble');
    await window.press(message, 'Open Settings');
    await window.page.locator('.settings-editor').waitFor();
    await window.page.locator('.settings-editor .setting-item-label', { hasText: 'Command' }).first().waitFor();
    assert.equal(await window.page.locator('.notifications-center .notification-list-item', { hasText: 'Code Search' }).count(), 0);
    await window.find('anything');
    await window.hasRow('Restart the server');
    await window.keys('Escape');
    await window.set({});
    await window.statusIs('ready');
  },

  'what stops an installation is told of, with buttons that help; the server that was there stays': async (window, test) => {
    await setAnother(window, test, { 'codesearch.server.python': '/nowhere/python', 'codesearch.server.environment': { ANY: '' } });
    const [server] = test.processes.servers();
    await window.command('Repair Server');
    const noPython = await window.message(/needs Python 3\.11 to 3\.13 \(or uv\), and found none/);
    await test.look(window, 'no-python');
    await noPython.locator('.monaco-button', { hasText: 'Choose Python…' }).waitFor();
    await window.statusIs('ready');
    await another('the server that was there is back', test, server);
    await setAnother(window, test, { 'codesearch.server.environment': { UV_FIND_LINKS: '', PIP_FIND_LINKS: '' } });
    await window.press(await window.message(/found none/), 'Try Again');
    const noNetwork = await window.message(/package index could not be reached/);
    await test.look(window, 'no-network');
    await noNetwork.locator('.monaco-button', { hasText: 'Use a Wheel Folder…' }).waitFor();
    await window.press(noNetwork, 'Proxy Settings');
    await window.page.locator('.settings-editor').waitFor();
    await window.set({});
    await window.statusIs('ready');
  },
};
