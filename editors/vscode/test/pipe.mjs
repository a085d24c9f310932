// Stands between an editor and its server and notes when questions and answers pass: pipe.mjs LOG COMMAND…
import { spawn } from 'node:child_process';
import { appendFileSync } from 'node:fs';

const [log, command, ...args] = process.argv.slice(2);
const server = spawn(command, args, { stdio: ['pipe', 'pipe', 'inherit'] });
const asked = new Map();
const now = () => performance.timeOrigin + performance.now();

/** Calls `each` with every message of a stream of LSP's frames. */
function reader(each) {
  let rest = Buffer.alloc(0);
  return (chunk) => {
    const at = now();
    rest = Buffer.concat([rest, chunk]);
    for (;;) {
      const end = rest.indexOf('\r\n\r\n');
      const length = Number(/Content-Length: (\d+)/.exec(rest.subarray(0, Math.max(end, 0)).toString())?.[1]);
      if (end < 0 || rest.length < end + 4 + length) return;
      each(JSON.parse(rest.subarray(end + 4, end + 4 + length).toString()), at);
      rest = rest.subarray(end + 4 + length);
    }
  };
}

const question = reader(({ id, method, params }, at) => {
  if (method === 'codesearch/search') asked.set(id, { query: params.query, asked: at });
});
const answer = reader(({ id, result }, at) => {
  const of = asked.get(id);
  if (of && result) appendFileSync(log, `${JSON.stringify({ ...of, answered: at })}\n`);
});
process.stdin.on('data', (chunk) => {
  server.stdin.write(chunk);
  question(chunk);
});
process.stdin.on('end', () => server.stdin.end());
server.stdout.on('data', (chunk) => {
  process.stdout.write(chunk);
  answer(chunk);
});
server.on('exit', (code) => process.exit(code ?? 1));
