/** `daruma explain`: shows for every ending of a service what systemd does, and why. */
import type { Catalogue } from '../../i18n/catalogue.ts';
import { type Ending, endingForms, parseEnding } from '../../restart/ending.ts';
import { everyEnding } from '../../restart/every-ending.ts';
import { usecPerSecond } from '../../restart/delay.ts';
import type { Machine } from '../../restart/fall.ts';
import { type Outcome, predictOutcome } from '../../restart/outcome.ts';
import { predictTimeline } from '../../restart/timeline.ts';
import { isUnseen, outcomeInBackground } from '../../inventory/background.ts';
import { isVain } from '../../i18n/down-command.ts';
import type { ServiceEntry } from '../../inventory/inventory.ts';
import { type Explanation, renderExplanation } from '../../report/explanation.ts';
import { explanationToJson } from '../../report/json.ts';
import { signalNames } from '../../systemd/values/signal.ts';
import { nearest } from '../../systemd/nearest.ts';
import { parseTimeSpan } from '../../systemd/values/time-span.ts';
import { configureTargets } from '../configuration.ts';
import { readContext } from '../context.ts';
import { badInput } from '../failure.ts';
import type { Run } from '../io.ts';
import { headOf, managerDownLead } from '../manager-down.ts';
import { write, writeDocument } from '../output.ts';
import type { CommonOptions } from '../options.ts';
import { noServices, openTargets, type Target, tellLimits, tellNewer } from '../targets.ts';

interface ExplainOptions extends CommonOptions {
  readonly on?: readonly string[];
  readonly lifetime?: string;
}

/** The question about each service. */
interface Question {
  /** Undefined for all endings. */
  readonly endings: readonly Ending[] | undefined;
  readonly lifetimeSeconds: number;
}

/** @returns the exit code: always 0 */
export async function explain(given: readonly string[], options: ExplainOptions, run: Run): Promise<number> {
  const { catalogue, io } = run;
  const context = readContext(options, run);
  const question = {
    endings: options.on?.map(text => readEnding(text, catalogue)),
    lifetimeSeconds: readLifetime(options.lifetime, catalogue),
  };
  await using hosts = new AsyncDisposableStack();
  const opened = await openTargets(given, { ...context.targets, around: true }, run, hosts);
  const targets = await configureTargets(opened, options.config, run);
  tellNewer(targets, context);
  if (context.format === 'json') {
    const host = targets[0]?.inventory.host;
    const head = await headOf(host, catalogue);
    await writeDocument(io, head, 'units', unitsToJson(targets, question, catalogue));
  } else {
    let separator = '';
    for (const { inventory, names } of targets) {
      await write(io, await managerDownLead(inventory.host, context));
      for await (const entry of inventory.services(names)) {
        const explanation = explainService(entry, inventory, question);
        await write(io, separator + renderExplanation(explanation, inventory, catalogue, context.terminal));
        separator = '\n';
      }
    }
    if (separator === '') await write(io, `${noServices(targets[0], catalogue, 'explain')}\n`);
  }
  tellLimits(targets, context);
  return 0;
}

async function* unitsToJson(
  targets: readonly Target[],
  question: Question,
  catalogue: Catalogue,
): AsyncIterable<object> {
  for (const { inventory, names } of targets) {
    for await (const entry of inventory.services(names)) {
      const explanation = explainService(entry, inventory, question);
      yield explanationToJson(explanation, inventory, catalogue);
    }
  }
}

function explainService(
  entry: ServiceEntry,
  { machine }: Target['inventory'],
  { endings, lifetimeSeconds }: Question,
): Explanation {
  const { factsNow: facts, background } = entry;
  const now = presentOf(entry, machine);
  if (facts === undefined) return { entry, now, outcomes: [], loops: [], asked: endings !== undefined };
  const outcomeOf = (ending: Ending) => {
    const outcome = predictOutcome(facts, ending, machine);
    if (background === undefined || !isUnseen(ending, background)) return outcome;
    return outcomeInBackground(outcome, background, predictOutcome(facts, exit0, machine));
  };
  const loopOf = (ending: Ending, outcome: Outcome) => {
    // What comes again and again is then the end of the command.
    const isOfCommand = background !== undefined && isUnseen(ending, background);
    const [seen, lifetime] = isOfCommand ? [exit0, background.lastsSeconds ?? 0] : [ending, lifetimeSeconds];
    return {
      outcome,
      lifetimeSeconds: lifetime,
      timeline: predictTimeline(facts, seen, lifetime, machine),
    };
  };
  const usual = background === undefined ? exit1 : exit0;
  return {
    entry,
    now,
    outcomes: (endings ?? everyEnding(facts)).map(outcomeOf),
    loops: endings?.map(ending => loopOf(ending, outcomeOf(ending))) ?? [
      loopOf(usual, predictOutcome(facts, usual, machine)),
    ],
    asked: endings !== undefined,
  };
}

/** How the service is down at this moment, and for one whose program does not get to run, how long systemd tries. */
function presentOf({ downfallNow: downfall, facts }: ServiceEntry, machine: Machine): Explanation['now'] {
  if (downfall === undefined) return undefined;
  const isTried = downfall.how === 'restarting' || downfall.how === 'waiting' || downfall.how === 'looping';
  if (facts === undefined || !isTried || !isVain(downfall)) return { downfall, tries: undefined };
  const end =
    downfall.code === 'exited' ? ({ kind: 'exit', status: Number(downfall.status) } as const) : exit1;
  const tries = predictOutcome(facts, end, machine).restarts
    ? predictTimeline(facts, end, 0, machine)
    : undefined;
  return { downfall, tries };
}

const exit0 = { kind: 'exit', status: 0 } as const;
const exit1 = { kind: 'exit', status: 1 } as const;

function readEnding(text: string, { errors }: Catalogue): Ending {
  const ending = parseEnding(text);
  if (ending !== undefined) return ending;
  const meant = isWrittenOut(text) ? undefined : nearestEnding(text);
  const hint =
    meant !== undefined
      ? errors.didYouMean(meant)
      : endsBySignal.test(text)
        ? errors.signalsAre(signalNames.join(', '))
        : (hintOf(text, errors) ?? errors.endingsAre(endingForms.join(', ')));
  throw badInput('unknown-ending', errors.unknownEnding(text), text, hint);
}

/** Whether a number is too large or negative: nothing that is close to it was meant. */
function isWrittenOut(text: string): boolean {
  return /:-?\d+$/.test(text) && hasForm(text, 'N');
}

function hasForm(text: string, argument: string): boolean {
  return endingForms.includes(`${text.slice(0, text.indexOf(':'))}:${argument}`);
}

/** What is wrong behind the colon of an ending that exists. */
function hintOf(text: string, errors: Catalogue['errors']): string | undefined {
  const [kind = ''] = text.split(':');
  if (hasForm(text, 'N')) return errors.statusesAre(kind);
  return hasForm(text, 'UNIT') ? errors.unitBehind(kind) : undefined;
}

const endsBySignal = /^(?:unready-)?(?:signal|core):./i;

/** The ending that the user probably meant by `SIGTERM`, `143`, `exit1` or `signal:TREM`. */
function nearestEnding(text: string): string | undefined {
  const [, written = '', argument = ''] = /^([^:=]*)[:=](.*)$/.exec(text) ??
    /^(.*?)-?(?<!\d)(\d+)$/.exec(text) ?? [text, text];
  const kinds = endingForms.map(form => form.split(':')[0] ?? form);
  const kind = written === '' && argument !== '' ? 'exit' : nearest(written, kinds);
  const form = endingForms.find(each => each === kind || each.startsWith(`${kind}:`)) ?? '';
  const isSignal = form.endsWith(':NAME');
  const signal = isSignal ? nearestSignal(argument) : undefined;
  const corrected = [
    `signal:${text}`,
    ...(/^SIG/i.test(text) ? [`signal:${nearestSignal(text) ?? ''}`] : []),
    `${kind}:${argument}`,
    `${kind}:${argument}.service`,
    ...(signal === undefined ? [] : [`${kind}:${signal}`]),
    // No example for an unknown signal: the message lists all signals.
    ...(isSignal && argument !== '' && argument !== text ? [] : [exampleOf(form)]),
  ];
  return corrected.find(candidate => parseEnding(candidate) !== undefined);
}

function nearestSignal(written: string): string | undefined {
  return nearest(written.replace(/^SIG/i, ''), signalNames);
}

function exampleOf(form: string): string {
  return form.replace(/:N$/, ':1').replace(/:NAME$/, ':TERM');
}

function readLifetime(text: string | undefined, { errors }: Catalogue): number {
  if (text === undefined) return 0;
  const usec = parseTimeSpan(text);
  if (usec === undefined || usec === Number.POSITIVE_INFINITY) {
    throw badInput('bad-time-span', errors.badTimeSpan(text), '--lifetime');
  }
  return usec / usecPerSecond;
}
