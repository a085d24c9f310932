// Writes l10n/bundle.l10n.json, from which translators work: every text that the sources show.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';

const here = new URL('..', import.meta.url).pathname;
const texts = new Set();

/** Collects the first arguments of `l10n.t(…)` and `vscode.l10n.t(…)`. */
function collect(node) {
  if (ts.isCallExpression(node) && /(^|\.)l10n\.t$/.test(node.expression.getText())) {
    const [text] = node.arguments;
    if (!ts.isStringLiteralLike(text)) throw new Error(`not a plain text: ${node.getText()}`);
    texts.add(text.text);
  }
  node.forEachChild(collect);
}

for (const name of readdirSync(join(here, 'src'), { recursive: true }).filter((each) => each.endsWith('.ts'))) {
  collect(ts.createSourceFile(name, readFileSync(join(here, 'src', name), 'utf8'), ts.ScriptTarget.ES2022, true));
}
const bundle = Object.fromEntries([...texts].sort().map((text) => [text, text]));
writeFileSync(join(here, 'l10n', 'bundle.l10n.json'), `${JSON.stringify(bundle, undefined, 2)}\n`);
