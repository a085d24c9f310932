/** What the server says beyond LSP: docs/protocol.md, version 1. */
import { RequestType, NotificationType, type Location, type Position, type Range } from 'vscode-languageclient/node';

export const PROTOCOL_VERSION = 1;

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

interface Failure {
  kind?: string;
  remedy?: string;
}

export const searchRequest = new RequestType<SearchParams, Answer, Failure>('codesearch/search');
export const similarRequest = new RequestType<SimilarParams, Answer, Failure>('codesearch/similar');
export const statusNotification = new NotificationType<Status>('codesearch/status');

type Control = 'status' | 'pause' | 'resume' | 'reindex';

/** The requests that take folders and answer with their status. */
export const control = (what: Control): RequestType<{ roots?: string[] }, Status, Failure> =>
  new RequestType(`codesearch/${what}`);

export type { Control };
