// What a test's editor has started: servers and workers of codesearch, known by their cache folder.
import { readdirSync, readFileSync } from 'node:fs';

export class Processes {
  #mark;

  constructor(cache) {
    this.#mark = `CODESEARCH_CACHE_DIR=${cache}`;
  }

  /** All of them: [{ pid, command }]. The editor's own, which inherit the variable, are left out. */
  all() {
    return readdirSync('/proc').filter((name) => /^\d+$/.test(name)).flatMap((pid) => {
      try {
        const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
        const ours = readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0').includes(this.#mark);
        return ours && /^\S*python\S* /.test(command) ? [{ pid: Number(pid), command }] : [];
      } catch {
        return []; // it ended while we looked
      }
    });
  }

  servers() {
    return this.all().filter(({ command }) => command.includes('--stdio')).map(({ pid }) => pid);
  }

  workers() {
    return this.all().filter(({ command }) => command.includes('indexing.worker')).map(({ pid }) => pid);
  }
}

/** Waits for something to come true, and fails telling what did not. */
export async function until(what, holds, tell = () => '') {
  const end = Date.now() + 240_000;
  while (!holds()) {
    if (Date.now() > end) throw new Error(`not in time: ${what} ${tell()}`);
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  console.log(`ok ${what}`);
}
