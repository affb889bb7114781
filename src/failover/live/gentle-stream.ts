/** A short question every second, so that it is seen what happens to requests while something falls. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Completion } from './completion.ts';

/** What became of the questions. */
export interface StreamResult {
  readonly asked: number;
  /** Those without an answer, in their order. */
  readonly lost: readonly Completion[];
  /** How many answers broke off in the middle: nobody but the client can ask again for these. */
  readonly cut: number;
  /** Of the answers; null without any. */
  readonly slowestSeconds: number | null;
  /** How many answers came from which machine, by the name that the front gives it. */
  readonly by: ReadonlyMap<string, number>;
  /** Until the machine itself answered again, from {@link GentleStream.awaitOwn} on; null where it did not. */
  readonly againSeconds: number | null;
}

export interface GentleStream extends Disposable {
  /** From now on the machine itself may answer again: at the end of a stop or a hang, and as soon as it was killed. */
  awaitOwn(): void;
  /** Goes on until the machine itself has answered again, or for some seconds, and waits for what was asked. */
  finish(): Promise<StreamResult>;
}

/**
 * @param ask asks once; it never throws
 * @param own the name of this machine
 * @param signal ends it early
 */
export function startGentleStream(
  ask: () => Promise<Completion>,
  own: string,
  signal: AbortSignal,
): GentleStream {
  const ending = new AbortController();
  const ended = AbortSignal.any([ending.signal, signal]);
  const answers: Promise<Completion>[] = [];
  let awaitedMs: number | undefined;
  /** When this machine first answered what was asked after that. */
  const again = Promise.withResolvers<number>();
  const askOnce = async () => {
    const isAfter = awaitedMs !== undefined;
    const answer = await ask();
    if (isAfter && answer.fault === undefined && answer.machine === own) again.resolve(performance.now());
    return answer;
  };
  const asking = (async () => {
    while (!ended.aborted) {
      answers.push(askOnce());
      await sleep(everyMs, undefined, { signal: ended }).catch(() => {});
    }
  })();
  return {
    awaitOwn() {
      awaitedMs ??= performance.now();
    },
    [Symbol.dispose]: () => ending.abort(),
    async finish() {
      const overMs = (awaitedMs ??= performance.now());
      const waiting = sleep(longestAgainMs, undefined, { signal: ended }).catch(() => undefined);
      const againMs = await Promise.race([again.promise, waiting]);
      ending.abort();
      await asking;
      const all = await Promise.all(answers);
      const answered = all.filter(({ fault }) => fault === undefined);
      const failed = all.filter(({ fault }) => fault !== undefined);
      const lost = failed.filter(({ fault }) => fault?.code !== 'answer-cut');
      return {
        asked: all.length,
        lost,
        cut: failed.length - lost.length,
        slowestSeconds:
          answered.length === 0 ? null : Math.max(...answered.map(({ latencySeconds }) => latencySeconds)),
        by: new Map(
          [...Map.groupBy(answered, ({ machine }) => machine ?? '')].map(([name, some]) => [
            name,
            some.length,
          ]),
        ),
        againSeconds: againMs === undefined ? null : Math.round(againMs - overMs) / 1_000,
      };
    },
  };
}

const everyMs = 1_000;
/** A front asks the local LiteLLM again after two good checks. */
const longestAgainMs = 15_000;
