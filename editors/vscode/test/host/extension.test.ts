/** The extension in the real host, against the real server and encoder. */
import * as assert from 'node:assert/strict';
import * as vscode from 'vscode';
import type { CodeSearchApi, Found } from '../../src/api';

const root = (): vscode.Uri => vscode.workspace.workspaceFolders?.[0]?.uri ?? assert.fail('no folder is open');
const file = (name: string): vscode.Uri => vscode.Uri.joinPath(root(), name);
const extension = vscode.extensions.getExtension<CodeSearchApi>('codesearch.codesearch') ?? assert.fail('not installed');
const names = (found: Found): string[] => found.hits.map((hit) => hit.name);

/** Asks until the answer is right: the index grows, and settings travel, in their own time. */
async function eventually<T>(ask: () => Promise<T>, right: (answer: T) => boolean): Promise<T> {
  const end = Date.now() + 200_000;
  for (;;) {
    const answer = await ask().catch((error: unknown) => error as T);
    if (!(answer instanceof Error) && right(answer)) return answer;
    if (Date.now() > end) assert.fail(`in vain: ${JSON.stringify(answer).slice(0, 2000)}`);
    await new Promise((resolve) => setTimeout(resolve, 300));
  }
}

async function serverPid(): Promise<number> {
  await vscode.commands.executeCommand('codesearch.status');
  const text = vscode.window.activeTextEditor?.document.getText() ?? '';
  return Number(/process (\d+)/.exec(text)?.[1]);
}

async function copied(): Promise<string> {
  await vscode.env.clipboard.writeText('');
  await vscode.commands.executeCommand('codesearch.results.next');
  await vscode.commands.executeCommand('codesearch.results.copy');
  return vscode.env.clipboard.readText();
}

describe('the extension', () => {
  let api: CodeSearchApi;
  before(async () => {
    api = await extension.activate();
    await eventually(() => api.search('shortest route between two depots'), (found) => found.complete && found.hits.length > 0);
  });

  it('says what its interface is', () => {
    assert.equal(api.version, 1);
    assert.ok(extension.isActive);
  });

  it('finds by meaning, best first', async () => {
    const found = await api.search('stop people from calling the api too often');
    assert.equal(found.hits[0]?.name, 'Throttle');
    assert.equal(found.hits[0].uri.toString(), file('gateway/limiter.go').toString());
    const document = await vscode.workspace.openTextDocument(found.hits[0].uri);
    assert.equal(document.getText(found.hits[0].selection), 'Throttle');
    const scores = found.hits.map((hit) => hit.score);
    assert.deepEqual(scores, [...scores].sort((a, b) => b - a));
  });

  it('obeys filters and limits', async () => {
    const found = await api.search('retry', { languages: ['python'], limit: 3 });
    assert.ok(found.hits.length > 0 && found.hits.length <= 3);
    assert.ok(found.hits.every((hit) => hit.path.endsWith('.py')));
  });

  it('can be cancelled', async () => {
    const source = new vscode.CancellationTokenSource();
    const asked = api.search('cancel me', {}, source.token);
    source.cancel();
    await assert.rejects(asked);
  });

  it('finds what is similar to a place, a selection and a text', async () => {
    const document = await vscode.workspace.openTextDocument(file('notify/dispatch.py'));
    const line = document.getText().split('\n').findIndex((text) => text.startsWith('def persistently'));
    const place = await api.similar(document.uri, new vscode.Position(line, 6));
    assert.ok(names(place).includes('fetchWithRetry'));
    assert.ok(!names(place).includes('persistently'));
    const range = await api.similar(document.uri, new vscode.Range(line, 0, line + 8, 0));
    assert.ok(names(range).includes('fetchWithRetry'));
    const text = await api.similarTo('func sign(s string) string { return hmac(s) }', 'go');
    assert.ok(text.hits.length > 0);
  });

  it('searches documents as they are on the screen', async () => {
    const document = await vscode.workspace.openTextDocument(file('pricing/quotes.py'));
    const edit = new vscode.WorkspaceEdit();
    edit.insert(document.uri, new vscode.Position(document.lineCount, 0), '\n\ndef wobble_the_jelly(plate):\n    return plate\n');
    await vscode.workspace.applyEdit(edit);
    const found = await api.search('wobble_the_jelly');
    assert.equal(found.hits[0]?.name, 'wobble_the_jelly');
    await vscode.window.showTextDocument(document);
    await vscode.commands.executeCommand('workbench.action.files.revert');
  });

  it('sends settings at once, and only those that are set', async () => {
    const settings = vscode.workspace.getConfiguration('codesearch');
    await settings.update('search.limit', 2, vscode.ConfigurationTarget.Workspace);
    await eventually(() => api.search('parcel'), (found) => found.hits.length === 2);
    await settings.update('search.limit', undefined, vscode.ConfigurationTarget.Workspace);
    await eventually(() => api.search('parcel'), (found) => found.hits.length > 2);
  });

  it('offers the code action for a selection, and fills the results view', async () => {
    const uri = file('notify/dispatch.py');
    const document = await vscode.workspace.openTextDocument(uri);
    await vscode.window.showTextDocument(document);
    const line = document.getText().split('\n').findIndex((text) => text.startsWith('def persistently'));
    const actions = await vscode.commands.executeCommand<vscode.CodeAction[]>(
      'vscode.executeCodeActionProvider', uri, new vscode.Range(line, 0, line + 8, 0));
    const action = actions.find((each) => each.title === 'Find similar code');
    assert.ok(action?.command);
    await vscode.commands.executeCommand(action.command.command, ...(action.command.arguments ?? []) as unknown[]);
    await eventually(copied, (text) => /^[\w/]+\.\w+:\d+$/.test(text));
  });

  it('walks through results, dismisses, asks again', async () => {
    const [first, second] = [await copied(), await copied()];
    assert.notEqual(first, second);
    await vscode.commands.executeCommand('codesearch.results.previous');
    await vscode.commands.executeCommand('codesearch.results.copy');
    assert.equal(await vscode.env.clipboard.readText(), first);
    await vscode.commands.executeCommand('codesearch.results.rerun');
    assert.match(await copied(), /:\d+$/);
    await vscode.commands.executeCommand('codesearch.results.clear');
  });

  it('pauses and resumes', async () => {
    await vscode.commands.executeCommand('codesearch.pause');
    await vscode.commands.executeCommand('codesearch.status');
    const page = (): Promise<string> => Promise.resolve(vscode.window.activeTextEditor?.document.getText() ?? '');
    await eventually(page, (text) => text.includes('paused'));
    await vscode.commands.executeCommand('codesearch.resume');
    await eventually(page, (text) => text.includes('ready'));
  });

  it('brings the server back when it is killed', async () => {
    const pid = await serverPid();
    assert.ok(pid > 0);
    process.kill(pid, 'SIGKILL');
    await eventually(() => api.search('verify a session token'), (found) => found.hits[0]?.path === 'gateway/session.go');
    assert.notEqual(await serverPid(), pid);
  });

  it('offers a tool to language models, with citations', async function () {
    const models = (vscode as unknown as { lm?: { tools?: { name: string }[]; invokeTool?: (name: string, options: object) => Promise<{ content: { value: string }[] }> } }).lm;
    if (/^1\.9[0-4]\./.test(vscode.version)) return; // these have no tools for extensions yet
    assert.ok(models?.invokeTool);
    assert.ok(models.tools?.some((tool) => tool.name === 'codesearch_search'));
    const answer = await models.invokeTool('codesearch_search', { input: { query: 'verify a session token', limit: 2 }, toolInvocationToken: undefined });
    assert.match(answer.content[0]?.value ?? '', /gateway\/session\.go:\d+-\d+ \(method Issuer\.Verify\)/);
  });

  it('has keys that nothing else has', async () => {
    await vscode.commands.executeCommand('workbench.action.openDefaultKeybindingsFile');
    const text = vscode.window.activeTextEditor?.document.getText() ?? '';
    const lines = text.split('\n').filter((line) => /"key": "ctrl\+k ctrl\+(shift\+)?g"/.test(line));
    assert.deepEqual(lines.filter((line) => !line.includes('codesearch.')), []);
    assert.equal(lines.length, 2);
    await vscode.commands.executeCommand('workbench.action.closeAllEditors');
  });

  it('names every command in its manifest, and no other', async () => {
    const manifest = extension.packageJSON as { contributes: { commands: { command: string }[] } };
    const declared = manifest.contributes.commands.map(({ command }) => command);
    const internal = ['codesearch.results.open', 'codesearch.settings', 'codesearch.findSimilar'];
    const registered = (await vscode.commands.getCommands(true)).filter((name) => name.startsWith('codesearch.') && !/\.(focus|open|resetViewLocation|removeView|toggleVisibility)$/.test(name));
    assert.deepEqual(declared.filter((name) => !registered.includes(name)), []);
    assert.deepEqual(registered.filter((name) => !declared.includes(name) && !internal.includes(name)), []);
  });
});
