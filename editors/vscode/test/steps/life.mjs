// The index's life and the server's.
import assert from 'node:assert/strict';
import { until } from '../processes.mjs';

export default {
  'indexing is paused and resumed from the status bar': async (window) => {
    await window.command('Pause Indexing');
    await window.statusIs('indexing is paused');
    await window.command('Show Menu');
    await window.hasRow('Resume Indexing');
    await window.page.keyboard.type('Resume');
    await window.keys('Enter');
    await window.statusIs('ready');
  },

  'a killed server comes back': async (window, test) => {
    const before = test.processes.servers();
    assert.equal(before.length, 1);
    process.kill(before[0], 'SIGKILL');
    await until('there is another server', () => test.processes.servers().length === 1 && test.processes.servers()[0] !== before[0]);
    await window.statusIs('ready');
    await window.find('verify a session token');
    await window.hasRow('session.go');
    await window.keys('Escape');
  },

  'a server that does not start is told of, with a button that helps': async (window, test) => {
    if (test.installs) return;
    await window.set({ 'codesearch.server.command': ['/nowhere/codesearch'] });
    await window.statusIs('the server does not run');
    await window.ask('F1', 'Notifications: Show Notifications');
    await window.hasRow('^Notifications: Show Notifications', { index: 0 });
    await window.keys('Enter');
    const message = window.message(/does not start/);
    await message.waitFor();
    await test.look(window, 'trouble');
    await message.locator('.monaco-button', { hasText: 'Open Settings' }).waitFor();
    await window.find('anything');
    await window.hasRow('Restart the server');
    await window.keys('Escape');
    await window.set({});
    await window.statusIs('ready');
  },
};
