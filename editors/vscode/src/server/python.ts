/** A Python to make the private environment with, or uv, which brings its own. */
import * as settings from '../settings';
import { run } from './run';

export type Maker = { readonly uv: string } | { readonly python: string };

const NAMES = ['python3.13', 'python3.12', 'python3.11', 'python3', 'python'];
const SUITS = 'import sys; print((3, 11) <= sys.version_info[:2] <= (3, 13) and sys.executable or "")';

/** uv, the Python of the setting, or the first suitable one on PATH. */
export async function findMaker(env: NodeJS.ProcessEnv): Promise<Maker | undefined> {
  const wanted = settings.python();
  if (!wanted && (await run('uv', ['--version'], { env, timeout: 10_000 })).code === 0) return { uv: 'uv' };
  const windows: [string, string[]][] = process.platform === 'win32' ? [['py', ['-3']]] : [];
  const candidates: [string, string[]][] = wanted ? [[wanted, []]] : [...NAMES.map((name): [string, string[]] => [name, []]), ...windows];
  for (const [command, args] of candidates) {
    const probe = await run(command, [...args, '-I', '-c', SUITS], { env, timeout: 10_000 });
    const python = probe.code === 0 ? probe.output.trim() : '';
    if (python) return { python };
  }
  return undefined;
}
