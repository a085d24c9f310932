/** What the status bar says for each state of the server and of the index. */
import * as assert from 'node:assert/strict';
import type { RootStatus, Status } from '../../src/protocol';
import { nameIn } from '../../src/similar';
import { shown } from '../../src/status';

const root: RootStatus = {
  root: 'file:///shop', path: '/shop', name: 'shop', phase: 'ready', complete: true, isWriter: true, files: 3,
  units: 1840, encoded: 1840, pending: 0, skipped: {}, encoder: 'x', warnings: [], staleness: { dirty: 0 },
};
const says = (...roots: Partial<RootStatus>[]): string => {
  const status: Status = { version: '1', protocolVersion: 1, pid: 1, roots: roots.map((each) => ({ ...root, ...each })) };
  const { text, spoken } = shown('running', status);
  return `${text.replace('$(search)', '').trim()} ${spoken}`.trim();
};

describe('the status bar', () => {
  it('tells how the index stands', () => {
    assert.equal(says({}), `$(check) ready, ${(1840).toLocaleString()} definitions`);
    assert.equal(says({ phase: 'encoding', complete: false, encoded: 460 }), `$(sync~spin) 25% indexing, 460 of ${(1840).toLocaleString()} definitions`);
    assert.equal(says({ phase: 'scanning', complete: false, encoded: 0, units: 0 }), '$(sync~spin) indexing, 0 of 0 definitions');
    assert.equal(says({ phase: 'paused', complete: false }), '$(debug-pause) indexing is paused');
    assert.equal(says({ staleness: { dirty: 7 } }), '$(sync~spin) 7 changed files are being read');
    assert.equal(says({}, { phase: 'error', lastError: 'the disk is full' }), '$(warning) the disk is full');
    assert.equal(says(), 'no folder is open');
  });

  it('tells how the server is', () => {
    assert.equal(shown('missing', undefined).spoken, 'not set up');
    assert.equal(shown('failed', undefined).severity, 'error');
    assert.match(shown('waiting', undefined).spoken, /started again/);
  });
});

describe('titles of results', () => {
  it('name what a line defines', () => {
    const names = {
      'def persistently(action: Callable[[], T]) -> T:': 'persistently',
      'func (i *Issuer) Verify(token string) error {': 'Verify',
      'export async function fetchWithRetry<T>(url: string) {': 'fetchWithRetry',
      'class TariffTable:': 'TariffTable',
      'public List<String> overdue(List<OpenItem> items) {': 'overdue',
      'pub fn distance_to(&self, other: &Point) -> f64 {': 'distance_to',
      'x = 1': undefined,
    };
    for (const [line, name] of Object.entries(names)) assert.equal(nameIn(line), name, line);
  });
});
