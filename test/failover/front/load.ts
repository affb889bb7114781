/**
 * Asks for short answers at a steady rate, as several clients at once do, and prints what became of them as JSON.
 *
 * node load.ts PORT COUNT PER_SECOND PIECES KEY
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { post } from './post.ts';

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
  /** When the first was asked, in milliseconds since the epoch. */
  readonly begunAt: number;
  /** The slowest answer of those that were asked for in each second from then on, in milliseconds. */
  readonly slowestOfSecond: readonly number[];
}

const [port = '4010', count = '100', perSecond = '20', pieces = '0', key = ''] = process.argv.slice(2);
const by: Record<string, number> = {};
const lost: Record<string, number> = {};
const times: number[] = [];
const slowestOfSecond: number[] = [];
const body = JSON.stringify({
  model: 'claude-opus-4.6',
  messages: [{ role: 'user', content: pieces === '0' ? 'ping' : `${pieces} pieces` }],
  stream: pieces !== '0',
});
const begin = performance.now();
const begunAt = Date.now();

async function ask(): Promise<void> {
  const start = performance.now();
  const { status, said } = await post(port, key, body);
  const who = answererOf(said);
  if (status !== 200 || who === undefined) throw Object.assign(new Error(said), { code: String(status) });
  const end = performance.now();
  times.push(end - start);
  const second = Math.floor((start - begin) / 1000);
  slowestOfSecond[second] = Math.max(slowestOfSecond[second] ?? 0, Math.round(end - start));
  by[who] = (by[who] ?? 0) + 1;
}

/** Undefined where the answer is not whole. */
function answererOf(said: string): string | undefined {
  if (pieces === '0') return /answered by (\w+)/.exec(said)?.[1];
  const words = Array.from(said.matchAll(/"content":"([^"]+)"/g), ([, word]) => word);
  return words.length === Number(pieces) && said.includes('data: [DONE]')
    ? words.slice(0, 3).join('').replace('answered by ', '')
    : undefined;
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
times.sort((a, b) => a - b);
const at = (share: number) =>
  Math.round(times[Math.min(times.length - 1, Math.floor(times.length * share))] ?? 0);
const result: LoadResult = {
  by,
  lost,
  p50: at(0.5),
  p99: at(0.99),
  slowest: at(1),
  begunAt,
  slowestOfSecond: Array.from(slowestOfSecond, slowest => slowest ?? 0),
};
console.info(JSON.stringify(result));
