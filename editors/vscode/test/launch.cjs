// Runs VS Code's server: launch.cjs VSCODE PORT DATA EXTENSIONS [VSIX to install instead].
const { createServer } = require('node:http');
const { join } = require('node:path');

const [vscode, port, data, extensions, vsix] = process.argv.slice(2);
const options = {
  host: '127.0.0.1', port, _: [], compatibility: '1.64',
  'without-connection-token': true, 'accept-server-license-terms': true,
  'telemetry-level': 'off', 'disable-telemetry': true, 'disable-workspace-trust': !process.env.CODESEARCH_TEST_TRUST,
  'enable-smoke-test-driver': true, 'reconnection-grace-time': '1',
  'server-data-dir': data, 'user-data-dir': data, 'extensions-dir': extensions,
};

async function main() {
  process.env.CODE_SERVER_PARENT_PID = String(process.pid); // or newer ones serve by themselves once loaded
  const entry = join(vscode, 'out', 'server-main.js');
  const loaded = await import(entry);
  const { loadCodeWithNls } = loaded.loadCodeWithNls ? loaded : loaded.default;
  const code = await loadCodeWithNls();
  if (vsix) {
    await code.spawnCli({ ...options, 'install-extension': [vsix], force: true });
    return;
  }
  const editor = await code.createServer(null, options);
  const server = createServer((request, response) => editor.handleRequest(request, response));
  server.on('upgrade', (request, socket) => editor.handleUpgrade(request, socket));
  server.listen(Number(port), '127.0.0.1', () => console.log('the editor is ready'));
}

main().catch((error) => {
  console.error(error);
  process.exit(1);
});
