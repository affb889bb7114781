/** `daruma failover`: lets agents use the proxy of another machine when their own is down. */
import type { Catalogue } from '../../i18n/catalogue.ts';
import { type Context, expectHere, readContext } from '../context.ts';
import { exclusive } from '../failure.ts';
import type { failoverActions } from '../actions.ts';
import type { Run } from '../io.ts';
import type { FailoverOptions } from '../options.ts';
import { unknownAction } from '../usage-failure.ts';
import { apply } from './failover/apply.ts';
import { check } from './failover/check.ts';
import { plan } from './failover/plan.ts';
import { receive } from './failover/receive.ts';
import { status } from './failover/status.ts';
import { test } from './failover/test.ts';

/** @returns the exit code */
export function failover(action: string | undefined, options: FailoverOptions, run: Run): Promise<number> {
  const { catalogue } = run;
  const context = readContext(options, run);
  const known = readAction(action, catalogue);
  for (const [option, only] of onlyFor) {
    if (options[option] !== undefined && !only.includes(known)) {
      throw exclusive(known, `--${option}`, catalogue);
    }
  }
  if (options.dryRun && !changing.has(known)) throw exclusive(known, '--dry-run', catalogue);
  if (options.front === true) {
    expectHere('--front', options, catalogue);
    // HAProxy would run as root.
    if (options.system === true) throw exclusive('--front', '--system', catalogue);
  }
  return actions[known](options, context);
}

/** Options that belong to some actions only. */
const onlyFor: readonly (readonly [option: 'to' | 'front' | 'down', actions: readonly string[]])[] = [
  ['to', ['apply']],
  ['front', ['plan', 'apply']],
  ['down', ['test']],
];

/** The actions that do something which `--dry-run` leaves out, and `plan`, which never does anything. */
const changing: ReadonlySet<string> = new Set(['plan', 'apply', 'test', 'receive']);

type Action = (options: FailoverOptions, context: Context) => Promise<number>;

const actions = { status, plan, apply, check, test, receive } satisfies Readonly<
  Record<(typeof failoverActions)[number] | 'receive', Action>
>;

function readAction(text: string | undefined, catalogue: Catalogue): keyof typeof actions {
  const action = text ?? 'status';
  if (isAction(action)) return action;
  throw unknownAction('failover', action, catalogue);
}

function isAction(text: string): text is keyof typeof actions {
  return Object.hasOwn(actions, text);
}
