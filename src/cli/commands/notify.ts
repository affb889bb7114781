/** `daruma notify`: sends messages about services, and loses none. */
import type { Catalogue } from '../../i18n/catalogue.ts';
import { parseUnitName, serviceName } from '../../systemd/unit-name.ts';
import { type Context, readContext } from '../context.ts';
import { badInput, exclusive } from '../failure.ts';
import type { Run } from '../io.ts';
import type { notifyActions } from '../actions.ts';
import { unknownAction } from '../usage-failure.ts';
import type { NotifyOptions } from '../options.ts';

/** @returns the exit code */
export function notify(
  action: string | undefined,
  words: readonly string[],
  options: NotifyOptions,
  run: Run,
): Promise<number> {
  const { catalogue } = run;
  const context = readContext(options, run);
  const known = readAction(action, catalogue);
  if (options.dryRun && !planning.has(known)) {
    throw exclusive(known, '--dry-run', catalogue);
  }
  if (options.refused && !ofRefused.has(known)) throw exclusive(known, '--refused', catalogue);
  return actions[known](words, options, context);
}

/** The actions that show a plan. */
const planning: ReadonlySet<string> = new Set(['setup', 'install', 'uninstall']);

/** The actions for which refused messages count. */
const ofRefused: ReadonlySet<string> = new Set(['status', 'flush']);

type Action = (words: readonly string[], options: NotifyOptions, context: Context) => Promise<number>;

/** Each is loaded when it is called: most need little of what the others need. */
const actions = {
  status: takesNoWords(async (...call) => (await import('./notify/status.ts')).status(...call)),
  setup: async (...call) => (await import('./notify/setup.ts')).setup(...call),
  test: takesNoWords(async (...call) => (await import('./notify/test.ts')).test(...call)),
  flush: takesNoWords(async (...call) => (await import('./notify/attend.ts')).flush(...call)),
  send: async (...call) => (await import('./notify/send.ts')).send(...call),
  install: async (...call) => (await import('./notify/install.ts')).install(...call),
  uninstall: async (...call) => (await import('./notify/install.ts')).uninstall(...call),
  mute: async (...call) => (await import('./notify/mute.ts')).mute(...call),
  unmute: async (...call) => (await import('./notify/mute.ts')).unmute(...call),
  hook: refuseHook,
  // Hooks of earlier installations name a unit.
  await: async (words, options, context) => {
    if (words.length > 0) oneUnit(words, context.catalogue);
    return (await import('./notify/attend.ts')).awaitUnits(options, context);
  },
} satisfies Readonly<Record<(typeof notifyActions)[number] | 'await', Action>>;

function takesNoWords(action: (options: NotifyOptions, context: Context) => Promise<number>): Action {
  return (words, options, context) => {
    const { errors } = context.catalogue;
    if (words.length > 0) throw badInput('usage', errors.excessArguments(), words[0], errors.seeHelp);
    return action(options, context);
  };
}

/** Refuses a wrong call of the hook; a correct one never comes here (`hook-call.ts`). */
function refuseHook(words: readonly string[], _: NotifyOptions, { catalogue }: Context): Promise<number> {
  oneUnit(words, catalogue);
  throw badInput('usage', catalogue.errors.excessArguments(), undefined, catalogue.errors.seeHelp);
}

/** The full name of one service. @throws Failure for anything else */
function oneUnit(words: readonly string[], { errors }: Catalogue): string {
  const [word, ...more] = words;
  if (word === undefined) throw badInput('missing-argument', errors.missingArgument('UNIT'), 'UNIT');
  if (more.length > 0) throw badInput('usage', errors.excessArguments(), more[0], errors.seeHelp);
  const unit = serviceName(word);
  if (parseUnitName(unit)?.type !== 'service')
    throw badInput('not-a-service', errors.notAService(word), word);
  return unit;
}

function readAction(text: string | undefined, catalogue: Catalogue): keyof typeof actions {
  const action = text ?? 'status';
  if (isAction(action)) return action;
  throw unknownAction('notify', action, catalogue);
}

function isAction(text: string): text is keyof typeof actions {
  return Object.hasOwn(actions, text);
}
