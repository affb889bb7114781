import type { ServiceSettings, ServiceType } from '../../systemd/service-settings.ts';
import type { Fault, ServiceRule } from '../rule.ts';

export interface StartTimeoutInfinite {
  readonly type: ServiceType;
  /** The hooks that a start waits for; empty where it is the type that makes it wait. */
  readonly hooks: readonly string[];
}

/** A start that waits for something and may wait for ever: the unit stays `activating`, and nothing tries again. */
export const startTimeoutInfinite: ServiceRule<'start-timeout-infinite', StartTimeoutInfinite> = {
  id: 'start-timeout-infinite',
  severity: 'warning',
  needs: 'units',
  judges: 'service',
  *check({ settings, isMeantToStay }): Iterable<Fault<StartTimeoutInfinite>> {
    const { Type, TimeoutStartSec } = settings;
    // For a oneshot that is the default: its work may take as long as it takes.
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

/** Types whose start is over when the program says so, or has gone to the background. */
const waits: ReadonlySet<ServiceType> = new Set(['notify', 'notify-reload', 'dbus', 'forking']);

function hooksOf(settings: ServiceSettings): readonly string[] {
  return (['ExecCondition', 'ExecStartPre', 'ExecStartPost'] as const).filter(
    name => settings[name].value.length > 0,
  );
}
