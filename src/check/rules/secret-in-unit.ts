import type { Source } from '../../systemd/service-settings.ts';
import type { Unit } from '../../systemd/unit.ts';
import { extractWords } from '../../systemd/values/words.ts';
import { isOpenToOthers } from '../permissions.ts';
import type { Change, CheckContext, Fault, ServiceRule } from '../rule.ts';
import { isSecret } from '../../secrets/recognition.ts';

export interface SecretInUnit {
  /** The variables whose values are secrets. */
  readonly variables: readonly string[];
  /**
   * Who can read the secrets besides their owner: `file`, all who may read the file; `manager`, all who ask the system
   * manager; null when nobody can, or when it is not known.
   */
  readonly openBy: 'file' | 'manager' | null;
}

/** A secret in `Environment=`: unit files are often read, copied and shown to others. */
export const secretInUnit: ServiceRule<'secret-in-unit', SecretInUnit> = {
  id: 'secret-in-unit',
  severity: 'warning',
  worst: 'critical',
  needs: 'units',
  judges: 'service',
  *check({ unit }, context): Iterable<Fault<SecretInUnit>> {
    for (const { value, source } of unit.assignments.get('Service', 'Environment')) {
      const variables = secretsAmong(value, unit);
      if (variables.length === 0) continue;
      const openBy = openness(source, unit, context);
      yield {
        source,
        ...(openBy !== null && { severity: 'critical' as const }),
        details: { variables, openBy },
        changes: openBy === 'file' ? closed(source, context) : [],
      };
    }
  },
};

function secretsAmong(value: string, unit: Unit): readonly string[] {
  return extractWords(value, { unquote: true, cUnescape: true, relax: true }).words.flatMap(word => {
    const expanded = unit.expand(word);
    const [, name, text = ''] =
      /^([A-Za-z_]\w*)=(.*)$/s.exec(typeof expanded === 'string' ? expanded : '') ?? [];
    return name !== undefined && isSecret(name, text) ? [name] : [];
  });
}

/** The system manager shows the environment of its services to all who ask (systemd.exec(5), "Environment="). */
function openness(source: Source, unit: Unit, { inventory }: CheckContext): SecretInUnit['openBy'] {
  if (isOpenToOthers(inventory.host, source.file) === true) return 'file';
  return unit.scope === 'system' && inventory.host.reach === 'machine' ? 'manager' : null;
}

/** Closes a file of the user to others. It is still better to remove the secret from it. */
function closed({ file }: Source, { inventory }: CheckContext): readonly Change[] {
  const { user } = inventory.host;
  return user !== undefined && file.startsWith(`${user.home}/`)
    ? [{ kind: 'mode', path: file, mode: 0o600 }]
    : [];
}
