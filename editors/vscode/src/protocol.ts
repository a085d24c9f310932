/** What the server says beyond LSP: docs/protocol.md, version 1. */
import type { LanguageClient, Location, Position, Range } from 'vscode-languageclient/node';

const PROTOCOL_VERSION = 1;

export interface Filters {
  limit?: number;
  languages?: string[];
  kinds?: string[];
  paths?: string[];
  excludePaths?: string[];
  roots?: string[];
}

export interface SearchParams extends Filters {
  query: string;
}

export interface SimilarParams extends Filters {
  textDocument?: { uri: string };
  position?: Position;
  range?: Range;
  text?: string;
  languageId?: string;
}

export interface WireHit {
  location: Location;
  selectionRange: Range;
  root: string;
  path: string;
  kind: string;
  name: string;
  qualifiedName: string;
  signature: string;
  language: string;
  score: number;
  snippet: string;
  explanation: { parts: Record<string, number>; views: string[] };
}

export interface Answer {
  hits: WireHit[];
  completeness: { units: number; encoded: number; complete: boolean };
  notes: string[];
}

export interface RootStatus {
  root: string;
  path: string;
  name: string;
  phase: string;
  complete: boolean;
  isWriter: boolean;
  writerPid?: number;
  files: number;
  units: number;
  encoded: number;
  pending: number;
  skipped: Record<string, number>;
  encoder: string;
  warnings: string[];
  staleness: { dirty: number; secondsSinceScan?: number };
  currentFile?: string;
  lastError?: string;
}

export interface Status {
  version: string;
  protocolVersion: number;
  pid: number;
  roots: RootStatus[];
}

export type Control = 'status' | 'pause' | 'resume' | 'reindex';

/** Whether the server speaks a protocol that this client was not written for. */
export function isTooNew(client: LanguageClient): boolean {
  const experimental = client.initializeResult?.capabilities.experimental as
    | { codesearch?: { version?: number } }
    | undefined;
  return (experimental?.codesearch?.version ?? 0) > PROTOCOL_VERSION;
}
