/** A Python to make the private environment with, or uv, which brings its own. */
import * as settings from '../settings';
import { run } from './run';

export type Maker = { readonly uv: string } | { readonly python: string };

const NAMES = ['python3.13', 'python3.12', 'python3.11', 'python3', 'python'];
const SUITS = 'import sys; print((3, 11) <= sys.version_info[:2] <= (3, 13) and sys.executable or "")';

/** uv, then the first suitable Python on PATH; or only the Python of the setting. Empty: there is none. */
export async function findMakers(env: NodeJS.ProcessEnv): Promise<Maker[]> {
  const wanted = settings.python();
  const candidates: [string, string[]][] = wanted ? [[wanted, []]] : NAMES.map((name) => [name, []]);
  if (!wanted && process.platform === 'win32') candidates.push(['py', ['-3']]);
  const hasUv = !wanted && (await run('uv', ['--version'], { env, timeout: 10_000 })).code === 0;
  const python = await firstSuitable(candidates, env);
  return [...(hasUv ? [{ uv: 'uv' }] : []), ...(python ? [{ python }] : [])];
}

async function firstSuitable(candidates: [string, string[]][], env: NodeJS.ProcessEnv): Promise<string | undefined> {
  for (const [command, args] of candidates) {
    const probe = await run(command, [...args, '-I', '-c', SUITS], { env, timeout: 10_000 });
    if (probe.code === 0 && probe.output.trim()) return probe.output.trim();
  }
  return undefined;
}
