/** Reads the arguments of `daruma notify hook` without loading the option parser, since a service waits for the hook. */
import { parseArgs } from 'node:util';
import type { ManagerScope } from '../systemd/search-path.ts';
import { parseUnitName, serviceName } from '../systemd/unit-name.ts';

export interface HookArguments {
  readonly unit: string;
  readonly scope: ManagerScope;
  readonly isOnFailure: boolean;
  readonly lang: string | undefined;
}

/** Undefined for any other command and for wrong arguments: then the option parser reads them and reports the error. */
export function hookArguments(args: readonly string[]): HookArguments | undefined {
  if (args[0] !== 'notify' || args[1] !== 'hook') return undefined;
  try {
    const { values, positionals } = parseArgs({ args: args.slice(2), options, allowPositionals: true });
    const [given, ...more] = positionals;
    if (given === undefined || more.length > 0) return undefined;
    const unit = serviceName(given);
    if (parseUnitName(unit)?.type !== 'service') return undefined;
    const scope = values.system ? 'system' : 'user';
    return { unit, scope, isOnFailure: values['on-failure'], lang: values.lang };
  } catch {
    return undefined;
  }
}

const options = {
  'on-failure': { type: 'boolean', default: false },
  user: { type: 'boolean', default: false },
  system: { type: 'boolean', default: false },
  lang: { type: 'string' },
} as const;
