/**
 * Asks for short answers at a steady rate, as several clients at once do, and prints what became of them as JSON.
 *
 * node load.ts PORT COUNT PER_SECOND KEY
 */
import http from 'node:http';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';

/** What became of all requests. */
export interface LoadResult {
  /** Answers, by the machine whose upstream gave them. */
  readonly by: Readonly<Record<string, number>>;
  /** Requests without an answer, by what was wrong: a status, or the code of an error. */
  readonly lost: Readonly<Record<string, number>>;
  /** The time of the median, of the 99th hundredth, and of the slowest answer, in milliseconds. */
  readonly p50: number;
  readonly p99: number;
  readonly slowest: number;
}

const [port = '4010', count = '100', perSecond = '20', key = ''] = process.argv.slice(2);
const by: Record<string, number> = {};
const lost: Record<string, number> = {};
const times: number[] = [];
const agent = new http.Agent({ keepAlive: true });
const body = JSON.stringify({ model: 'claude-opus-4.6', messages: [{ role: 'user', content: 'ping' }] });

async function ask(): Promise<void> {
  const start = performance.now();
  const request = http.request({
    host: '127.0.0.1',
    port,
    method: 'POST',
    path: '/v1/chat/completions',
    agent,
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    timeout: 60_000,
  });
  request.on('timeout', () => request.destroy(Object.assign(new Error('late'), { code: 'late' })));
  const answer = await new Promise<http.IncomingMessage>((resolve, reject) => {
    request.on('response', resolve).on('error', reject).end(body);
  });
  const said = await text(answer);
  const [, who] = /answered by (\w+)/.exec(said) ?? [];
  if (answer.statusCode !== 200 || who === undefined) {
    throw Object.assign(new Error(said), { code: String(answer.statusCode) });
  }
  times.push(performance.now() - start);
  by[who] = (by[who] ?? 0) + 1;
}

const all: Promise<void>[] = [];
for (let number = 0; number < Number(count); number += 1) {
  all.push(
    ask().catch((error: unknown) => {
      const code = error instanceof Error && 'code' in error ? String(error.code) : String(error);
      lost[code] = (lost[code] ?? 0) + 1;
    }),
  );
  await sleep(1000 / Number(perSecond));
}
await Promise.all(all);
agent.destroy();
times.sort((a, b) => a - b);
const at = (share: number) =>
  Math.round(times[Math.min(times.length - 1, Math.floor(times.length * share))] ?? 0);
const result: LoadResult = { by, lost, p50: at(0.5), p99: at(0.99), slowest: at(1) };
console.info(JSON.stringify(result));
