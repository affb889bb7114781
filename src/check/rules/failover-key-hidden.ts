import type { GivenValue } from '../../services/openclaw-config.ts';
import { type AskedText, askedTexts } from '../../routes/asked-texts.ts';
import { routeRule } from '../routes.ts';

export interface FailoverKeyHidden extends Pick<AskedText, 'provider' | 'setting'> {
  /** Name of the variable. */
  readonly name: string;
  /** The file whose value counts; null where the manager of the service has it, and no file. */
  readonly file: string | null;
  /** The manager passes it on to all services. */
  readonly byManager: boolean;
  /** The files that give it another value, which OpenClaw passes over. */
  readonly hidden: readonly string[];
}

/** A variable with which agents ask, that has another value in a file which OpenClaw passes over: an old key in the unit hides a new one in `.env`. */
export const failoverKeyHidden = routeRule<'failover-key-hidden', FailoverKeyHidden>(
  { id: 'failover-key-hidden', severity: 'warning' },
  function* ({ own }) {
    for (const gateway of own.gateways) {
      const { unit, config } = gateway;
      const told = new Set<string>();
      for (const asked of askedTexts(gateway)) {
        const { provider, setting, names } = asked;
        for (const name of names) {
          if (told.has(name)) continue;
          told.add(name);
          const [counting, ...others] = config.valuesOf(name);
          if (counting === undefined || counting.origin.kind === 'default') continue;
          const hidden = others.filter(({ value }) => value !== counting.value).flatMap(fileOf);
          if (hidden.length === 0) continue;
          // What is not known here comes after the unit's own variables, and may come before those of files.
          if (counting.origin.source === null && !config.knowsVariables) continue;
          const [file = null] = fileOf(counting);
          const byManager = counting.origin.kind === 'manager';
          const place = file === null ? asked.source : { file, line: null };
          yield {
            unit,
            source: counting.origin.source ?? place,
            details: { provider, setting, name, file, byManager, hidden },
            changes: [],
          };
        }
      }
    }
  },
);

function fileOf({ origin }: GivenValue): readonly string[] {
  switch (origin.kind) {
    case 'default':
      return [];
    case 'command':
    case 'unit':
      return [origin.source.file];
    case 'file':
      return [origin.file];
    case 'manager':
      return origin.file === null ? [] : [origin.file];
    default:
      return origin satisfies never;
  }
}
