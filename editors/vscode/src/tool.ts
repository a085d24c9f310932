/** The tool by which language models search: what they ask, what they read. */
import * as vscode from 'vscode';
import { place, title, type Found, type Hit } from './hits';
import type { Searcher } from './searcher';

export interface ToolInput {
  query: string;
  limit?: number;
  languages?: string[];
  paths?: string[];
}

/** The parts of the interface that the oldest editor we run in does not have yet. */
interface LanguageModels {
  registerTool?(name: string, tool: object): vscode.Disposable;
}
interface Results {
  LanguageModelToolResult: new (parts: unknown[]) => unknown;
  LanguageModelTextPart: new (text: string) => unknown;
}

const NAME = 'codesearch_search';

/** Offers the tool, where the editor has tools. */
export function registerTool(searcher: Searcher): vscode.Disposable | undefined {
  const models = vscode.lm as LanguageModels;
  const { LanguageModelToolResult, LanguageModelTextPart } = vscode as unknown as Results;
  // Before 1.95 the function was there for the editor's own use, and failed for others later on.
  if (Number(vscode.version.split('.')[1]) < 95) return undefined;
  return models.registerTool?.(NAME, {
    prepareInvocation: ({ input }: { input: ToolInput }) => ({
      invocationMessage: vscode.l10n.t('Searching the code for “{0}”', input.query),
    }),
    invoke: async ({ input }: { input: ToolInput }, token: vscode.CancellationToken) => {
      const { query, limit = 8, languages = [], paths = [] } = input;
      const found = await searcher.search({ query, limit, languages, paths }, token);
      return new LanguageModelToolResult([new LanguageModelTextPart(report(found))]);
    },
  });
}

/** What was found, in Markdown, with a path and 1-based lines for each hit to be cited by. */
export function report(found: Found): string {
  const notes = found.notes.map((note) => `Note: ${note}`);
  const hits = found.hits.length > 0 ? found.hits.map(cited) : ['Nothing was found.'];
  return [...notes, ...hits].join('\n\n');
}

function cited(hit: Hit): string {
  const lines = `${hit.range.start.line + 1}-${hit.range.end.line + 1}`;
  const file = place(hit).replace(/:\d+$/, '');
  return `${file}:${lines} (${hit.kind} ${title(hit)})\n\`\`\`${hit.language}\n${hit.snippet}\n\`\`\``;
}
