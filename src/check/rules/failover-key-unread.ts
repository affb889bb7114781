import { unreadKeys } from '../../routes/unread-keys.ts';
import type { LiveUnit } from '../../systemd/host/host.ts';
import { type HostRule, mostNamed } from '../rule.ts';

export interface FailoverKeyUnread {
  /** The `.env`. */
  readonly file: string;
  /** Names of the variables of keys, at most {@link mostNamed}, and how many more there are. */
  readonly variables: readonly string[];
  readonly moreVariables: number;
}

/** A running gateway whose `.env` was changed after its start: keys that its configuration names may be old, or missing in it. */
export const failoverKeyUnread: HostRule<'failover-key-unread', FailoverKeyUnread> = {
  id: 'failover-key-unread',
  severity: 'warning',
  needs: 'manager',
  judges: 'host',
  begin(context) {
    const running = new Map<string, LiveUnit>();
    return {
      see({ name, entry: { live }, service }) {
        if (live !== undefined && service?.known?.service.id === 'openclaw-gateway') running.set(name, live);
      },
      *faults() {
        for (const gateway of running.size === 0 ? [] : context.routes().own.gateways) {
          const { unit } = gateway;
          const live = unit === null ? undefined : running.get(unit);
          if (unit === null || live === undefined) continue;
          const variables = unreadKeys(gateway, live, context.inventory.host);
          if (variables.length === 0) continue;
          const file = gateway.config.environmentFile;
          yield {
            unit,
            source: { file, line: null },
            details: {
              file,
              variables: variables.slice(0, mostNamed),
              moreVariables: Math.max(0, variables.length - mostNamed),
            },
            changes: [{ kind: 'restart', unit }],
          };
        }
      },
    };
  },
};
