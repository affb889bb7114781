import type { ServiceSettings, ServiceType } from '../../systemd/service-settings.ts';
import type { Fault, ServiceRule } from '../rule.ts';

export interface StartTimeoutInfinite {
  readonly type: ServiceType;
  /** The hooks that the start waits for; empty when the type of the service makes it wait. */
  readonly hooks: readonly string[];
}

/** A start that may wait without end: the unit stays `activating`, and systemd does not try again. */
export const startTimeoutInfinite: ServiceRule<'start-timeout-infinite', StartTimeoutInfinite> = {
  id: 'start-timeout-infinite',
  severity: 'warning',
  needs: 'units',
  judges: 'service',
  *check({ settings, isMeantToStay }): Iterable<Fault<StartTimeoutInfinite>> {
    const { Type, TimeoutStartSec } = settings;
    // Infinity is the default of a oneshot: its work may take any time.
    if (!isMeantToStay || TimeoutStartSec.value !== Number.POSITIVE_INFINITY) return;
    const hooks = waits.has(Type.value) ? [] : hooksOf(settings);
    if (!waits.has(Type.value) && hooks.length === 0) return;
    yield {
      source: TimeoutStartSec.source ?? settings.ExecStart.source,
      details: { type: Type.value, hooks },
      changes: [],
    };
  },
};

/** Types of services whose start ends when the program says that it is ready, or goes to the background. */
const waits: ReadonlySet<ServiceType> = new Set(['notify', 'notify-reload', 'dbus', 'forking']);

function hooksOf(settings: ServiceSettings): readonly string[] {
  return (['ExecCondition', 'ExecStartPre', 'ExecStartPost'] as const).filter(
    name => settings[name].value.length > 0,
  );
}
