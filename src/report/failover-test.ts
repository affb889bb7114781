/** `daruma failover test`: shows which models answered, and after how many seconds. */
import type { OutageResult } from '../failover/live/agent-outage.ts';
import type { StreamResult } from '../failover/live/gentle-stream.ts';
import type { Turn } from '../failover/live/agent-turn.ts';
import { type Completion, haveAnswered } from '../failover/live/completion.ts';
import { shellText } from '../programs/command.ts';
import { usualSilenceSeconds } from '../services/openclaw-timeouts.ts';
import { unitCommand } from '../systemd/commands.ts';
import type { Catalogue } from '../i18n/catalogue.ts';
import { describeLinkFault } from '../i18n/parts.ts';
import type { ManagerScope } from '../systemd/search-path.ts';
import { inShort } from '../secrets/redaction.ts';
import { printable } from './printable.ts';
import { marksOf, paint, type Terminal, wrapText } from './terminal.ts';

export interface TestResult {
  /** All requests of the test. */
  readonly requests: readonly Pick<Completion, 'link' | 'model'>[];
  /** Undefined when no request was sent. */
  readonly completions: readonly Completion[] | undefined;
  readonly outage: OutageResult | undefined;
  /** Whether no running gateway is known to work with something else, and what each works with. */
  readonly isInForce: boolean;
  readonly inForce: readonly object[];
}

export function renderCompletion(completion: Completion, catalogue: Catalogue, terminal: Terminal): string {
  const { failoverTest: texts, links, punctuation } = catalogue;
  const { link, fault, latencySeconds, arrival, answeredBy, proxyFallbacks } = completion;
  const name = nameOf(completion);
  if (fault !== undefined) {
    const { message, remedy } = describeLinkFault(fault, links.faults);
    const shown =
      fault.code === 'key-not-tried'
        ? withMark('unsure', marksOf(terminal).unsure, texts.notTried(name, message), terminal)
        : marked(false, texts.notAnswered(name, message), terminal);
    return shown + `${wrapText(terminal, printable(remedy), [2, 2])}\n`;
  }
  const fellBack =
    proxyFallbacks === null || proxyFallbacks === 0
      ? ''
      : punctuation.aside(texts.proxyFellBack(proxyFallbacks));
  const answered = marked(
    true,
    texts.answered(name, latencySeconds.toFixed(2), answeredBy) + fellBack,
    terminal,
  );
  if (arrival !== 'in-one-piece') return answered;
  const waitsSeconds = link.timeoutSeconds ?? usualSilenceSeconds;
  return answered + `${wrapText(terminal, texts.inOnePiece(waitsSeconds), [2, 2])}\n`;
}

function nameOf({ link, model }: Completion): string {
  return `${link.name}/${model}`;
}

export function renderOutage(
  outage: OutageResult,
  scope: ManagerScope,
  catalogue: Catalogue,
  terminal: Terminal,
): string {
  const { failoverTest: texts, punctuation } = catalogue;
  const { fall, stream, unit, agent, answer, stopSeconds, backSeconds, end, cameBackEarly, isPassed } =
    outage;
  const isBack = end.kind === 'ready';
  const tried = (answer && cleaned(answer))?.attempts.map(({ model, result }) =>
    result === '' ? model : `${model}${punctuation.aside(result)}`,
  );
  return [
    marked(stopSeconds !== null, fallText(outage, texts), terminal),
    ...(answer === undefined
      ? []
      : [
          marked(outage.isThroughFallback, texts.turn(agent, cleaned(answer), outage), terminal),
          ...(tried ?? []).map(line => `${wrapText(terminal, printable(line), [2, 4])}\n`),
        ]),
    ...(stream === undefined
      ? []
      : [
          marked(stream.lost.length + stream.cut === 0, texts.stream(fall, stream), terminal),
          ...lostText(stream, catalogue).map(line => `${wrapText(terminal, printable(line), [2, 4])}\n`),
        ]),
    ...(cameBackEarly ? [marked(false, texts.cameBackEarly(unit), terminal)] : []),
    marked(isBack, texts.back(fall, unit, end, (backSeconds ?? 0).toFixed(1)), terminal),
    ...(end.kind === 'down'
      ? [marked(false, texts.startByHand(shellText(unitCommand(scope, 'start', unit))), terminal)]
      : []),
    `${paint(terminal, isPassed ? 'good' : 'bad', isPassed ? texts.passed : texts.failed)}\n`,
  ].join('');
}

function fallText({ fall, unit, stopSeconds }: OutageResult, texts: Catalogue['failoverTest']): string {
  return stopSeconds === null
    ? texts.notFallen(fall, unit)
    : texts.fallen(fall, unit, stopSeconds.toFixed(1));
}

function lostText({ lost: [first] }: StreamResult, { failoverTest, links }: Catalogue): readonly string[] {
  if (first?.fault === undefined) return [];
  return [failoverTest.firstLost(describeLinkFault(first.fault, links.faults).message)];
}

/** A turn with its messages shortened: a program that fails may print anything. */
function cleaned(turn: Turn): Turn {
  const attempts = turn.attempts.map(each => ({ ...each, result: inShort(each.result, 200) }));
  return { ...turn, attempts, said: inShort(turn.said, 200) };
}

function marked(isGood: boolean, text: string, terminal: Terminal): string {
  const { up, down } = marksOf(terminal);
  return isGood ? withMark('good', up, text, terminal) : withMark('bad', down, text, terminal);
}

function withMark(style: 'good' | 'bad' | 'unsure', mark: string, text: string, terminal: Terminal): string {
  return `${paint(terminal, style, mark)} ${wrapText(terminal, printable(text), [2, 2]).slice(2)}\n`;
}

/**
 * The document of `daruma failover test --json`; docs/schema/failover-test.schema.json describes it.
 *
 * @param head with which each document begins
 */
export function testToJson(
  { requests, completions, outage, isInForce, inForce }: TestResult,
  head: object,
  { links }: Catalogue,
): object {
  const allAnswered = completions && haveAnswered(completions);
  return {
    ...head,
    requests: requests.map(({ link, model }) => ({ provider: link.name, model })),
    inForce,
    completions: (completions ?? []).map(({ link, model, fault, ...rest }) => ({
      provider: link.name,
      model,
      unit: link.unit,
      api: link.api,
      ...rest,
      fault:
        fault === undefined
          ? null
          : { code: fault.code, text: printable(describeLinkFault(fault, links.faults).message) },
    })),
    outage: outage === undefined ? null : outageToJson(outage),
    passed: allAnswered === undefined ? null : allAnswered && isInForce && outage?.isPassed !== false,
  };
}

function outageToJson({ fall, unit, agent, answer, end, stream, ...rest }: OutageResult): object {
  const { stopSeconds, backSeconds, cameBackEarly, standIn, isThroughFallback, isPassed } = rest;
  return {
    fall,
    unit,
    agent,
    stopSeconds,
    turn: answer === undefined ? null : cleaned(answer),
    standIn: standIn ?? null,
    throughFallback: isThroughFallback,
    cameBackEarly,
    stream:
      stream === undefined
        ? null
        : {
            asked: stream.asked,
            lost: stream.lost.length,
            cut: stream.cut,
            slowestSeconds: stream.slowestSeconds,
            by: [...stream.by].map(([machine, answers]) => ({ machine, answers })),
            againSeconds: stream.againSeconds,
          },
    backSeconds,
    end: end.kind,
    passed: isPassed,
  };
}
