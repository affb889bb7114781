import { predictTimeline, type Timeline } from '../../restart/timeline.ts';
import { longestWaitSeconds } from '../restarts.ts';
import type { Fault, ServiceRule } from '../rule.ts';

export interface RestartOneshot {
  /** How often systemd starts a job that fails at once; null when it never stops. */
  readonly tries: number | null;
  /** The longest time from the first try to the last refusal, in seconds; when there is no end, the wait between two tries. */
  readonly seconds: number;
  /** The value of Restart= in effect. */
  readonly policy: string;
}

/** A job whose retries end before the cause can have gone away, or never end, so that the job is never called failed. */
export const restartOneshot: ServiceRule<'restart-oneshot', RestartOneshot> = {
  id: 'restart-oneshot',
  severity: 'info',
  needs: 'units',
  judges: 'service',
  ofMainProcess: true,
  *check({ settings, facts }, { inventory }): Iterable<Fault<RestartOneshot>> {
    const { Type, Restart, RestartSec, StartLimitIntervalSec } = settings;
    if (Type.value !== 'oneshot') return;
    const crash = { kind: 'exit', status: 1 } as const;
    const timeline = predictTimeline(facts, crash, 0, inventory.machine);
    const seconds = isEndless(timeline) ? longestWaitSeconds(settings) : timeline.afterSeconds?.[1];
    if (seconds === undefined) return;
    // Endless retries with a wait below a second are reported by `restart-delay-busy-loop`, and have to be corrected
    // first.
    if (isEndless(timeline) ? seconds < 1 : seconds >= shortestSeconds) return;
    const set = isEndless(timeline)
      ? [StartLimitIntervalSec, Restart, RestartSec]
      : [RestartSec, Restart, StartLimitIntervalSec];
    yield {
      source: set.find(({ source }) => source !== null)?.source ?? null,
      details: { tries: isEndless(timeline) ? null : timeline.starts, seconds, policy: Restart.value },
      // Only a person knows how often and how fast a job may be repeated.
      changes: [],
    };
  },
};

/** Whether the job is restarted again and again without an end. */
function isEndless({ givesUp, because }: Timeline): boolean {
  return (
    givesUp === 'no' && because.some(({ code }) => code === 'limit-off' || code === 'limit-out-of-reach')
  );
}

/** Limit in seconds: a network, a server or a lock that was missing is seldom available again earlier. */
const shortestSeconds = 30;
