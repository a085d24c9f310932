// Bundles the extension, and with --tests the suite that runs inside the extension host.
import { build, context } from 'esbuild';

const flags = new Set(process.argv.slice(2));
const options = {
  bundle: true, platform: 'node', format: 'cjs', target: 'node20', external: ['vscode', 'mocha'],
  // The default would bundle a UMD wrapper whose requires cannot be followed.
  mainFields: ['module', 'main'], sourcemap: !flags.has('--minify'), minify: flags.has('--minify'),
  logLevel: 'warning',
};
const extension = { ...options, entryPoints: ['src/extension.ts'], outfile: 'dist/extension.js' };
const tests = { ...options, entryPoints: ['test/host/index.ts'], outfile: 'dist/test/index.js' };

if (flags.has('--watch')) {
  await (await context(extension)).watch();
} else {
  await build(extension);
  if (flags.has('--tests')) await build(tests);
}
