/** Signs of a service, and an outbox that everybody reads as soon as a message is due. */
import { type Effect, type Incident, reduceIncident, type TellingPolicy } from '../../src/notify/incident.ts';
import type { Sign } from '../../src/notify/sign.ts';

export const second = 1_000;
export const minute = 60 * second;
export const hour = 60 * minute;
export const unit = 'litellm.service';
export const policy: TellingPolicy = {
  thresholdSeconds: 0,
  remindSeconds: null,
  mutedUntilMs: null,
  purpose: { isMeantToStay: true, startedBy: [] },
};
export const exit3 = { result: 'exit-code', code: 'exited', status: '3' };

export const ended = (
  atMs: number,
  invocation: string | null,
  more: Partial<Sign & { kind: 'ended' }> = {},
): Sign => ({
  kind: 'ended',
  atMs,
  invocation,
  cause: exit3,
  job: 'none',
  ...more,
});

export const started = (atMs: number, invocation: string | null, restarts: number | null = 1): Sign => ({
  kind: 'started',
  atMs,
  invocation,
  restarts,
});

export const ready = (atMs: number, invocation: string | null = null): Sign => ({
  kind: 'ready',
  atMs,
  invocation,
});

export const notReady = (atMs: number, invocation: string | null): Sign => ({
  kind: 'not-ready',
  atMs,
  invocation,
  waitedSeconds: 30,
});

type StaysDown = Extract<Sign, { readonly kind: 'stays-down' }>;

export const staysDown = (
  atMs: number,
  invocation: string | null = null,
  refused?: StaysDown['refused'],
): StaysDown => ({
  kind: 'stays-down',
  atMs,
  invocation,
  cause: { result: null, code: null, status: null },
  ...(refused && { refused }),
});

export const look = (atMs: number): Sign => ({ kind: 'look', atMs, invocation: null });

interface Origin {
  readonly id: string;
  readonly dueMs: number;
  /** The run whose log it has. */
  readonly run: string | null;
}

export interface Told {
  readonly atMs: number;
  readonly kind: Extract<Effect, { kind: 'tell' }>['event']['kind'];
  readonly event: Extract<Effect, { kind: 'tell' }>['event'];
}

/** Nobody takes signs or delivers messages from one moment to the other; then the services are looked at first. */
export interface Absence {
  readonly fromMs: number;
  readonly untilMs: number;
  readonly lookedMs: number;
}

interface Course {
  /** When a sign is taken, in the order of the signs: at once, unless daruma was missing. */
  readonly takenMs?: (sign: Sign) => number;
  readonly absence?: Absence;
}

export function telling(
  signs: readonly Sign[],
  rules: Partial<TellingPolicy> = {},
  endMs = 30 * 24 * hour,
  { takenMs = ({ atMs }) => atMs, absence }: Course = {},
): {
  readonly told: readonly Told[];
  /** The incident of each of them, and when it was due. */
  readonly origins: ReadonlyMap<Told, Origin>;
  /** What the last messages of all incidents say of their falls. */
  readonly counted: number;
  readonly kinds: readonly string[];
  /** What was not due when the last sign came. */
  readonly heldBack: readonly string[];
  readonly incident: Incident | undefined;
} {
  const keys = new Set<string>();
  const waiting = new Map<string, Extract<Effect, { kind: 'tell' }> & { readonly sinceMs: number }>();
  const counts = new Map<string, number>();
  const told: Told[] = [];
  const origins = new Map<Told, Origin>();
  let incident: Incident | undefined;
  const tellUntil = (atMs: number) => {
    for (const [key, { dueMs, event, run, sinceMs }] of [...waiting].toSorted(
      ([, a], [, b]) => a.dueMs - b.dueMs,
    )) {
      const inOutboxMs = Math.max(dueMs, sinceMs);
      const isMissed = absence && inOutboxMs >= absence.fromMs && inOutboxMs < absence.untilMs;
      const sentMs = isMissed ? absence.lookedMs : inOutboxMs;
      if (sentMs > atMs) continue;
      const id = key.split('/').slice(0, 2).join('/');
      const next: Told = { atMs: sentMs, kind: event.kind, event };
      told.push(next);
      origins.set(next, { id, dueMs, run });
      if ('falls' in event) counts.set(id, event.falls);
      waiting.delete(key);
    }
  };
  for (const sign of signs) {
    const nowMs = takenMs(sign);
    tellUntil(nowMs - 1);
    const transition = reduceIncident(incident, sign, unit, {
      ...policy,
      ...rules,
      taking: {
        atMs: nowMs,
        isBehind: absence !== undefined && nowMs === absence.untilMs,
        isUntried: key => waiting.has(key),
      },
    });
    for (const effect of transition.effects) {
      if (effect.kind === 'withdraw') waiting.delete(effect.key);
      else if (!keys.has(effect.key)) {
        keys.add(effect.key);
        waiting.set(effect.key, { ...effect, sinceMs: nowMs });
      }
    }
    incident = transition.closedMs === undefined ? transition.incident : undefined;
  }
  const heldBack = [...waiting.values()].map(({ event }) => event.kind);
  tellUntil(endMs);
  const counted = [...counts.values()].reduce((sum, each) => sum + each, 0);
  return { told, origins, counted, kinds: told.map(({ kind }) => kind), heldBack, incident };
}
