/**
 * The private environment: a virtual environment in the extension's storage that holds the server.
 *
 * The server's own wheel comes inside the extension, so that the two are always of one version and
 * no package of the same name can take its place; its dependencies come from the package index or
 * from a folder of wheels.
 */
import { createHash } from 'node:crypto';
import * as fs from 'node:fs/promises';
import * as path from 'node:path';
import * as vscode from 'vscode';
import * as settings from '../settings';
import { exists, pythonOf } from './locate';
import { findMakers, type Maker } from './python';
import { run, type Ended } from './run';

export type Problem = 'python' | 'venv' | 'network' | 'disk' | 'wheel' | 'other';

/** Why there is no environment. `cancelled` is no problem: the user said so. */
export class InstallError extends Error {
  constructor(readonly problem: Problem | 'cancelled', message: string) {
    super(message);
  }
}

export class PrivateEnvironment {
  readonly #storage: string;
  readonly #extension: string;
  readonly #log: vscode.LogOutputChannel;

  constructor(context: vscode.ExtensionContext, log: vscode.LogOutputChannel) {
    this.#storage = context.globalStorageUri.fsPath;
    this.#extension = context.extensionPath;
    this.#log = log;
  }

  /** Its interpreter, if it is complete and of this extension's version. */
  async python(): Promise<string | undefined> {
    const wheel = await this.#wheel();
    if (!wheel) return undefined;
    const folder = await this.#folder(wheel);
    return (await exists(path.join(folder, 'complete'))) ? pythonOf(folder) : undefined;
  }

  /** Whether there is one of another version of the extension, which an upgrade replaces. */
  async outdated(): Promise<boolean> {
    const names = await fs.readdir(this.#storage).catch(() => [] as string[]);
    const complete = await Promise.all(names.map((name) => exists(path.join(this.#storage, name, 'complete'))));
    return complete.includes(true);
  }

  /** Makes it. Rejects with an InstallError. Another window that is at it is waited for. */
  async install(
    report: (message: string) => void, token: vscode.CancellationToken, anew = false,
  ): Promise<string> {
    const wheel = await this.#wheel();
    if (!wheel) throw new InstallError('wheel', 'This build of the extension does not contain the server.');
    await fs.mkdir(this.#storage, { recursive: true });
    const folder = await this.#folder(wheel);
    const release = await this.#lock(folder, token);
    try {
      if (anew || !(await exists(path.join(folder, 'complete')))) await this.#make(folder, wheel, report, token);
    } finally {
      await release();
    }
    return pythonOf(folder);
  }

  /** With uv, or with pip if uv cannot: pip alone knows of mirrors and certificates in `pip.conf`. */
  async #make(
    folder: string, wheel: string, report: (message: string) => void, token: vscode.CancellationToken,
  ): Promise<void> {
    const env = settings.privateEnvironment();
    let trouble = new InstallError('python', 'No Python 3.11 to 3.13 was found.');
    const before = `${folder}.before`;
    await fs.rename(folder, before).catch(() => undefined); // there was none
    for (const maker of await findMakers(env)) {
      await fs.rm(folder, { recursive: true, force: true });
      const ended = await this.#run(commands(maker, folder, wheel), env, report, token);
      if (ended.code === 0) {
        await fs.writeFile(path.join(folder, 'complete'), '');
        await this.#removeOthers(folder);
        return;
      }
      trouble = failure(ended);
      if (trouble.problem === 'cancelled' || trouble.problem === 'disk') break;
    }
    await fs.rm(folder, { recursive: true, force: true });
    await fs.rename(before, folder).catch(() => undefined); // better than nothing
    throw trouble;
  }

  async #run(
    commands: readonly Command[], env: NodeJS.ProcessEnv, report: (message: string) => void, token: vscode.CancellationToken,
  ): Promise<Ended> {
    let ended: Ended = { code: 0, output: '' };
    for (const [command, ...args] of commands) {
      this.#log.info(`$ ${[command, ...args].join(' ')}`);
      const onLine = (line: string): void => {
        this.#log.info(line);
        report(shortened(line));
      };
      // In a folder of ours: uv and Python look for settings and modules where they are started.
      ended = await run(command, args, { env, token, onLine, cwd: this.#storage });
      if (ended.code !== 0) break;
    }
    return ended;
  }

  /** Older versions' environments, a gigabyte each. */
  async #removeOthers(folder: string): Promise<void> {
    const others = (await fs.readdir(this.#storage)).filter(
      (name) => name.startsWith('server-') && name !== path.basename(folder) && !name.endsWith('.lock'),
    );
    for (const name of others) await fs.rm(path.join(this.#storage, name), { recursive: true, force: true });
  }

  async #wheel(): Promise<string | undefined> {
    const folder = path.join(this.#extension, 'server');
    const names = await fs.readdir(folder).catch(() => [] as string[]);
    const name = names.find((each) => each.endsWith('.whl'));
    return name && path.join(folder, name);
  }

  async #folder(wheel: string): Promise<string> {
    const digest = createHash('sha256').update(await fs.readFile(wheel)).digest('hex').slice(0, 8);
    return path.join(this.#storage, `server-${digest}`);
  }

  /** One window at a time; a lock that nobody has touched for a while is taken over. */
  async #lock(folder: string, token: vscode.CancellationToken): Promise<() => Promise<void>> {
    const file = `${folder}.lock`;
    while (!(await takeLock(file))) {
      if (token.isCancellationRequested) throw new InstallError('cancelled', '');
      await new Promise((resolve) => setTimeout(resolve, 300));
    }
    const alive = setInterval(() => {
      const now = new Date();
      fs.utimes(file, now, now).catch(() => undefined);
    }, LOCK_STALE_MS / 6);
    return () => {
      clearInterval(alive);
      return fs.rm(file, { force: true });
    };
  }
}

/** Its holder touches it far more often; process numbers would be reused, in containers soon. */
const LOCK_STALE_MS = 30_000;

async function takeLock(file: string): Promise<boolean> {
  try {
    await fs.writeFile(file, '', { flag: 'wx' });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    const touched = await fs.stat(file).then((stat) => stat.mtimeMs, () => Date.now());
    if (Date.now() - touched > LOCK_STALE_MS) await fs.rm(file, { force: true });
    return false;
  }
}

type Command = readonly [command: string, ...args: string[]];

function commands(maker: Maker, folder: string, wheel: string): Command[] {
  const wheels = settings.wheels();
  const offline = wheels ? ['--no-index', '--find-links', wheels] : [];
  const python = pythonOf(folder);
  if ('uv' in maker) {
    return [
      [maker.uv, 'venv', '--quiet', '--no-project', '--python', '>=3.11,<3.14', folder],
      [maker.uv, 'pip', 'install', '--python', python, ...offline, wheel],
    ];
  }
  return [
    [maker.python, '-m', 'venv', folder],
    [python, '-m', 'pip', 'install', '--disable-pip-version-check', '--no-input', '--progress-bar', 'off', ...offline, wheel],
  ];
}

/** A line of pip's or uv's that tells how far it is, short enough for a notification. */
function shortened(line: string): string {
  const words = line.trim().replace(/\s*\(from .*$/, '').replace(/https?:\/\/\S+\//, '');
  return words.length > 80 ? `${words.slice(0, 79)}…` : words;
}

const SIGNS: readonly [Problem, RegExp][] = [
  ['disk', /No space left|ENOSPC|Disk quota/i],
  ['venv', /ensurepip is not|No module named '?(venv|ensurepip)/i],
  ['network', /NewConnectionError|ProxyError|Temporary failure in name|Could not fetch|Connection (refused|reset)|timed out|certificate verify|No matching distribution|No solution found|error sending request|dns error|Failed to fetch/i],
];

function failure({ code, output }: Ended): InstallError {
  if (code === 130) return new InstallError('cancelled', '');
  const problem = SIGNS.find(([, sign]) => sign.test(output))?.[0] ?? 'other';
  const lines = output.trim().split('\n');
  return new InstallError(problem, lines.findLast((line) => /error/i.test(line)) ?? lines.at(-1) ?? '');
}
