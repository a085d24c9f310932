/** Runs the suites inside the extension host; the editor calls `run`. */
import Mocha from 'mocha';

export async function run(): Promise<void> {
  const mocha = new Mocha({ timeout: 240_000, color: false, reporter: 'spec', grep: process.env.CODESEARCH_TEST_ONLY ?? '' });
  mocha.suite.emit('pre-require', globalThis, '', mocha);
  await import('./extension.test.js');
  await import('./install.test.js');
  await import('./live.test.js');
  await import('./shown.test.js');
  await new Promise<void>((resolve, reject) => {
    mocha.run((failures) => {
      if (failures > 0) reject(new Error(`${failures} tests failed`));
      else resolve();
    });
  });
}
