import { unreadKeys } from '../../routes/unread-keys.ts';
import type { LiveUnit } from '../../systemd/host/host.ts';
import { type Fault, type HostRule, mostNamed } from '../rule.ts';

export interface FailoverKeyUnread {
  /** The `.env`; null for variables of which the process certainly has another value than a start would give it now. */
  readonly file: string | null;
  /** Names of the variables, at most {@link mostNamed}, and how many more there are. */
  readonly variables: readonly string[];
  readonly moreVariables: number;
}

/** A running gateway whose keys were changed after its start, in its `.env` or in the environment that its unit and its manager give it. */
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
          const { inFile, givenOtherwise } = unreadKeys(gateway, live, context.inventory.host);
          const { environmentFile } = gateway.config;
          if (inFile.length > 0) yield faultOf(unit, environmentFile, inFile);
          if (givenOtherwise.length > 0) yield faultOf(unit, null, givenOtherwise);
        }
      },
    };
  },
};

function faultOf(
  unit: string,
  file: string | null,
  variables: readonly string[],
): Fault<FailoverKeyUnread> & { readonly unit: string } {
  return {
    unit,
    source: file === null ? null : { file, line: null },
    details: {
      file,
      variables: variables.slice(0, mostNamed),
      moreVariables: Math.max(0, variables.length - mostNamed),
    },
    changes: [{ kind: 'restart', unit }],
  };
}
