/** Hits as VS Code sees them, and the words that tell what they are and why they were found. */
import * as vscode from 'vscode';
import type { Answer, WireHit } from './protocol';

export interface Hit {
  readonly uri: vscode.Uri;
  /** The whole definition. */
  readonly range: vscode.Range;
  /** Its name. */
  readonly selection: vscode.Range;
  readonly path: string;
  readonly folder: string;
  readonly kind: string;
  readonly name: string;
  readonly qualifiedName: string;
  readonly signature: string;
  readonly language: string;
  readonly score: number;
  readonly snippet: string;
  readonly parts: Readonly<Record<string, number>>;
}

export interface Found {
  readonly hits: readonly Hit[];
  /** Definitions that could be found. */
  readonly units: number;
  /** Whether nothing is left to index. */
  readonly complete: boolean;
  readonly notes: readonly string[];
}

export function found(answer: Answer): Found {
  const { units, complete } = answer.completeness;
  return { hits: answer.hits.map(hit), units, complete, notes: answer.notes };
}

function hit(wire: WireHit): Hit {
  return {
    uri: vscode.Uri.parse(wire.location.uri),
    range: range(wire.location.range),
    selection: range(wire.selectionRange),
    path: wire.path,
    folder: wire.root,
    kind: wire.kind,
    name: wire.name,
    qualifiedName: wire.qualifiedName,
    signature: wire.signature,
    language: wire.language,
    score: wire.score,
    snippet: wire.snippet,
    parts: wire.explanation.parts,
  };
}

type WireRange = WireHit['selectionRange'];

const range = ({ start, end }: WireRange): vscode.Range =>
  new vscode.Range(start.line, start.character, end.line, end.character);

const ICONS: Record<string, string> = {
  function: 'function', method: 'method', constructor: 'constructor', class: 'class',
  interface: 'interface', struct: 'struct', enum: 'enum', trait: 'interface', module: 'module',
  type: 'type-parameter', macro: 'operator',
};

/** The icon of a kind, in the colour that symbols of that kind have everywhere. */
export function icon(kind: string): vscode.ThemeIcon {
  if (kind === 'window') return new vscode.ThemeIcon('file-code');
  const name = ICONS[kind] ?? 'misc';
  const color = { 'type-parameter': 'typeParameter' }[name] ?? name;
  return new vscode.ThemeIcon(`symbol-${name}`, new vscode.ThemeColor(`symbolIcon.${color}Foreground`));
}

/** What to call a hit: a part of a file goes by the file's name. */
export const title = (hit: Hit): string => (hit.kind === 'window' ? hit.name : hit.qualifiedName || hit.name);

/** `path:line`, with the folder before it where there are several. */
export function place(hit: Hit): string {
  return `${folderPrefix(hit)}${hit.path}:${hit.selection.start.line + 1}`;
}

export function folderPrefix(hit: Hit): string {
  if ((vscode.workspace.workspaceFolders?.length ?? 0) < 2) return '';
  return `${vscode.workspace.getWorkspaceFolder(hit.uri)?.name ?? ''}/`;
}

/** Kinds in the user's language, for people who hear the list instead of seeing icons. */
export function kindName(kind: string): string {
  return kind === 'window' ? vscode.l10n.t('part of a file') : kind;
}

/** What counted most, such as "meaning 0.55, words 0.44". */
export function why(hit: Hit): string {
  return reasons(hit).slice(0, 3).map(([name, part]) => `${name} ${part.toFixed(2)}`).join(', ');
}

/** What counted more than anything else. */
export const mainReason = (hit: Hit): string => reasons(hit)[0]?.[0] ?? '';

function reasons(hit: Hit): [string, number][] {
  const names: Record<string, string> = {
    vector: vscode.l10n.t('meaning'), words: vscode.l10n.t('words'), name: vscode.l10n.t('name'),
  };
  return Object.entries(hit.parts)
    .filter(([, part]) => Math.abs(part) >= 0.005)
    .sort(([, a], [, b]) => Math.abs(b) - Math.abs(a))
    .map(([name, part]) => [names[name] ?? name, part]);
}

/** The line of the snippet that has most of `words`, else the signature. */
export function excerpt(hit: Hit, words: readonly string[]): string {
  let best = '';
  let most = 0;
  for (const line of hit.snippet.split('\n')) {
    const count = words.filter((word) => line.toLowerCase().includes(word)).length;
    if (count > most) [best, most] = [line.trim(), count];
  }
  return best || hit.signature || hit.snippet.split('\n')[0]?.trim() || '';
}

/** The words of a question that are worth looking for in code, in lower case. */
export function wordsOf(query: string): string[] {
  const words = withoutFilters(query).toLowerCase().match(/[\p{L}\p{N}_]{3,}/gu) ?? [];
  return [...new Set(words.filter((word) => !QUESTION_WORDS.has(word)))];
}

/** A question without `lang:…`, `-path:"…"` and the like. */
export const withoutFilters = (query: string): string =>
  query.replace(/(^|\s)-?(lang|kind|path):("[^"]*"|\S*)/g, ' ').trim();

const QUESTION_WORDS = new Set(
  'the and for are was has have how what where when which who why does with from into that this not can code function find'.split(' '),
);
