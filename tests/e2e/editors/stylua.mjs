// Checks the form of Lua files with StyLua, or with --write puts it right:
//   node stylua.mjs PACKAGE STYLUA_TOML [--write] FILE…
// PACKAGE is the folder of the npm package @johnnymorganz/stylua, which is StyLua as WebAssembly.
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';

const [folder, toml, ...rest] = process.argv.slice(2);
const stylua = createRequire(import.meta.url)(join(folder, 'stylua_lib_node.cjs'));
const write = rest[0] === '--write';

const kinds = { indent_type: stylua.IndentType, quote_style: stylua.QuoteStyle };
const lines = readFileSync(toml, 'utf8').split('\n').filter(Boolean);

// A new one for each file: formatting consumes it.
function config() {
  const made = stylua.Config.new();
  for (const line of lines) {
    const [, name, text] = /^(\w+) = (.+)$/.exec(line);
    const value = JSON.parse(text);
    made[name] = kinds[name] ? kinds[name][value] : value;
  }
  return made;
}

let wrong = 0;
for (const file of write ? rest.slice(1) : rest) {
  const text = readFileSync(file, 'utf8');
  const formed = stylua.formatCode(text, config(), undefined, stylua.OutputVerification.Full);
  if (formed === text) continue;
  wrong += 1;
  console.log(file);
  if (write) writeFileSync(file, formed);
}
process.exitCode = wrong && !write ? 1 : 0;
