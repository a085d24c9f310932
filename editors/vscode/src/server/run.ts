/** Running programs to their end, with their output, cancellable, and without leaving any behind. */
import { spawn } from 'node:child_process';
import type * as vscode from 'vscode';

export interface Ended {
  /** The exit code; 127 if it could not be started, 130 if it was cancelled. */
  readonly code: number;
  readonly output: string;
}

export interface RunOptions {
  readonly env?: NodeJS.ProcessEnv;
  readonly cwd?: string;
  readonly timeout?: number;
  readonly token?: vscode.CancellationToken;
  readonly onLine?: (line: string) => void;
}

/** Runs a program without a shell. Never throws: what went wrong is in the code and the output. */
export function run(command: string, args: readonly string[], options: RunOptions = {}): Promise<Ended> {
  return new Promise((resolve) => {
    // A group of its own, so that cancelling also ends what an installer has started.
    const posix = process.platform !== 'win32';
    const child = spawn(command, args, {
      env: options.env ?? process.env, cwd: options.cwd, stdio: ['ignore', 'pipe', 'pipe'], detached: posix, windowsHide: true,
    });
    let output = '';
    let rest = '';
    const read = (chunk: Buffer): void => {
      const text = chunk.toString();
      output += text;
      const lines = (rest + text).split(/\r?\n/);
      rest = lines.pop() ?? '';
      lines.filter((line) => line.trim()).forEach((line) => options.onLine?.(line));
    };
    child.stdout.on('data', read);
    child.stderr.on('data', read);
    const kill = (): void => {
      if (posix && child.pid) {
        try {
          process.kill(-child.pid, 'SIGKILL');
        } catch {
          // It ended by itself in the meantime.
        }
      } else child.kill();
    };
    const timer = options.timeout ? setTimeout(kill, options.timeout) : undefined;
    const cancelled = options.token?.onCancellationRequested(kill);
    const end = (code: number): void => {
      clearTimeout(timer);
      cancelled?.dispose();
      resolve({ code: options.token?.isCancellationRequested ? 130 : code, output });
    };
    child.on('error', (error) => {
      output += error.message;
      end(127);
    });
    child.on('close', (code) => {
      end(code ?? 1);
    });
  });
}
