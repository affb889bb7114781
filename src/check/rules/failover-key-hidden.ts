import type { GivenValue } from '../../services/openclaw-config.ts';
import { type AskedText, askedTexts } from '../asked-texts.ts';
import { routeRule } from '../routes.ts';

export interface FailoverKeyHidden extends Pick<AskedText, 'provider' | 'setting'> {
  /** Name of the variable. */
  readonly name: string;
  /** The file whose value counts. */
  readonly file: string;
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
      for (const { provider, setting, names } of askedTexts(gateway)) {
        for (const name of names) {
          if (told.has(name)) continue;
          told.add(name);
          const [counting, ...others] = config.valuesOf(name);
          const hidden = others.filter(({ value }) => value !== counting?.value).flatMap(fileOf);
          const [file] = counting === undefined ? [] : fileOf(counting);
          if (hidden.length === 0 || file === undefined) continue;
          // What is not known here comes after the unit's own variables, and may come before those of files.
          if (counting?.origin.source === null && !config.knowsVariables) continue;
          const source = counting?.origin.source ?? { file, line: null };
          yield { unit, source, details: { provider, setting, name, file, hidden }, changes: [] };
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
    default:
      return origin satisfies never;
  }
}
