import { predictTimeline, type Timeline } from '../../restart/timeline.ts';
import { longestWaitSeconds } from '../restarts.ts';
import type { Fault, ServiceRule } from '../rule.ts';

export interface RestartOneshot {
  /** How often a job that fails at once is tried; null for ever. */
  readonly tries: number | null;
  /** From the first try to the last refusal at the latest, or with no end the wait between two. */
  readonly seconds: number;
  /** Restart=, as it is in effect. */
  readonly policy: string;
}

/** A job whose retries are used up before anything can have changed, or never end, so that it is never called failed. */
export const restartOneshot: ServiceRule<'restart-oneshot', RestartOneshot> = {
  id: 'restart-oneshot',
  severity: 'info',
  needs: 'units',
  judges: 'service',
  *check({ settings, facts }, { inventory }): Iterable<Fault<RestartOneshot>> {
    const { Type, Restart, RestartSec, StartLimitIntervalSec } = settings;
    if (Type.value !== 'oneshot') return;
    const crash = { kind: 'exit', status: 1 } as const;
    const timeline = predictTimeline(facts, crash, 0, inventory.machine);
    const seconds = isEndless(timeline) ? longestWaitSeconds(settings) : timeline.afterSeconds?.[1];
    if (seconds === undefined) return;
    // Below a second and with no end it is `restart-delay-busy-loop` that has to be put right first.
    if (isEndless(timeline) ? seconds < 1 : seconds >= shortestSeconds) return;
    const set = isEndless(timeline)
      ? [StartLimitIntervalSec, Restart, RestartSec]
      : [RestartSec, Restart, StartLimitIntervalSec];
    yield {
      source: set.find(({ source }) => source !== null)?.source ?? null,
      details: { tries: isEndless(timeline) ? null : timeline.starts, seconds, policy: Restart.value },
      // How often and how fast a job may be repeated, only a person knows.
      changes: [],
    };
  },
};

/** Restarted again and again, with nothing to end it. */
function isEndless({ givesUp, because }: Timeline): boolean {
  return (
    givesUp === 'no' && because.some(({ code }) => code === 'limit-off' || code === 'limit-out-of-reach')
  );
}

/** A network, a server or a lock that was missing is seldom back sooner. */
const shortestSeconds = 30;
