/** What is typed is asked at once, one question at a time, and no old answer is ever shown. */
import * as assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { Live } from '../../src/search/live';

interface Asked {
  text: string;
  token: vscode.CancellationToken;
  answer: (value: string) => void;
}

function setup(): { live: Live<string>; asked: Asked[]; told: string[]; busy: boolean[] } {
  const asked: Asked[] = [];
  const told: string[] = [];
  const busy: boolean[] = [];
  const live = new Live<string>(
    (text, token) => new Promise((resolve, reject) => {
      asked.push({ text, token, answer: resolve });
      token.onCancellationRequested(() => {
        reject(new Error('cancelled'));
      });
    }),
    (text, answer, error) => told.push(`${text}: ${answer ?? String(error)}`),
    (now) => busy.push(now),
  );
  return { live, asked, told, busy };
}

const turns = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('live answers', () => {
  it('asks the first letter at once', () => {
    const { live, asked } = setup();
    live.type('a');
    assert.deepEqual(asked.map(({ text }) => text), ['a']);
  });

  it('cancels what is under way, and asks only the latest text', async () => {
    const { live, asked, told } = setup();
    for (const text of ['a', 'ab', 'abc']) live.type(text);
    assert.ok(asked[0]?.token.isCancellationRequested);
    await turns();
    assert.deepEqual(asked.map(({ text }) => text), ['a', 'abc']);
    asked[1]?.answer('found');
    await turns();
    assert.deepEqual(told, ['abc: found']);
  });

  it('shows no answer that comes after something else was typed', async () => {
    const { live, asked, told } = setup();
    live.type('old');
    asked[0]?.answer('late');
    live.type('new');
    await turns();
    asked[1]?.answer('right');
    await turns();
    assert.deepEqual(told, ['new: right']);
  });

  it('is silent once it is disposed of', async () => {
    const { live, asked, told, busy } = setup();
    live.type('a');
    live.dispose();
    asked[0]?.answer('late');
    await turns();
    assert.deepEqual(told, []);
    assert.deepEqual(busy, [true, false]);
  });
});
