/** The texts of a catalogue, laid out flat so that they can be held against each other. */
import type { Catalogue } from '../../src/i18n/catalogue.ts';
import { fallKinds } from '../../src/failover/live/fall.ts';
import { describeLinkFault } from '../../src/i18n/parts.ts';
import {
  answerings,
  backgroundEffects,
  causes,
  channelFaults,
  configurationFaults,
  endings,
  frontNotes,
  frontPlaces,
  gatewayNotes,
  grips,
  ignoredLines,
  incidentStates,
  linkFaults,
  loadProblems,
  managerProblems,
  notAskedReasons,
  noFronts,
  noticedOutages,
  outageEnds,
  outageStages,
  policyNotes,
  reasons,
  refusedReasons,
  shipFaults,
  stopRefusals,
  streams,
  turns,
} from './samples.ts';

const jobLimit = {
  setting: 'JobTimeoutSec',
  value: '4s',
  source: { file: '/etc/systemd/user/own.service', line: 3 },
} as const;
const countsOfFalls = [
  { falls: 5 },
  { falls: 1, failedStarts: 8 },
  { falls: 0, failedStarts: 3 },
  { falls: 0, failedStarts: 3, isAtLeast: true },
] as const;

/** All that a catalogue says, by where it stands in it; functions are asked with samples. */
export function textsOf(catalogue: Catalogue): ReadonlyMap<string, string> {
  const { reasons: says, remedies } = catalogue;
  const unit = { unit: 'own.service', scope: 'user' } as const;
  const counts = { units: 217, critical: 2, warning: 83, info: 97, suppressed: 254 };
  return new Map([
    ...[...reasons].map(([code, reason]) => [`reasons.${code}`, call(entryOf(says, code), reason)] as const),
    ...Object.keys(remedies)
      .toSorted()
      .map(code => [`remedies.${code}`, call(entryOf(remedies, code), reasons.get(code), unit)] as const),
    ...[...endings].map(([form, each]) => [`ending.${form}`, catalogue.ending(each)] as const),
    ...loadProblems.map(
      each => [`loadProblem.${JSON.stringify(each)}`, catalogue.loadProblem(each)] as const,
    ),
    ...ignoredLines.map(
      each => [`ignoredLine.${JSON.stringify(each)}`, catalogue.ignoredLine(each)] as const,
    ),
    ...managerProblems.map(each => [`managerProblem.${each.code}`, catalogue.managerProblem(each)] as const),
    ...configurationFaults.map(
      each => [`configuration.fault.${JSON.stringify(each)}`, catalogue.configuration.fault(each)] as const,
    ),
    ...policyNotes.map(
      each => [`configuration.note.${each.code}`, catalogue.configuration.note(each)] as const,
    ),
    ...backgroundEffects.map(
      effect =>
        [
          `explain.goesToBackground.${effect}`,
          catalogue.explain.goesToBackground({ program: 'screen', words: '-dmS', effect }),
        ] as const,
    ),
    ['check.summary', catalogue.check.summary(counts)],
    ...causes.map(
      each => [`notices.why.${JSON.stringify(each)}`, catalogue.notices.why('own.service', each)] as const,
    ),
    [
      'notices.endBefore',
      catalogue.notices.endBefore({ result: 'signal', code: 'killed', status: 'KILL' }, '12:00'),
    ],
    ...([true, false] as const).flatMap(isLast =>
      (['exact', 'at-most', 'at-least'] as const).map(
        bound =>
          [`notices.downFor.${isLast}.${bound}`, catalogue.notices.downFor(7.3, bound, isLast)] as const,
      ),
    ),
    ...[1, 8].map(count => [`notices.failedStarts.${count}`, catalogue.notices.failedStarts(count)] as const),
    ...causes.slice(0, 3).flatMap(each =>
      [undefined, '2026-11-29 12:00:00 UTC'].flatMap(at => {
        const key = JSON.stringify([each, at ?? null]);
        const { status, explain } = catalogue;
        return [
          [`status.fellThenStopped.${key}`, status.fellThenStopped('own', each, at, 'T')] as const,
          [`explain.fellThenStopped.${key}`, explain.fellThenStopped(each, at, 'T')] as const,
        ];
      }),
    ),
    ...[[], [jobLimit]].map(
      each => [`notices.jobTimedOut.${each.length}`, catalogue.notices.jobTimedOut(each)] as const,
    ),
    ...[[], ['AssertPathExists=/srv/model']].map(
      each => [`notices.refusedUntil.${each.length}`, catalogue.notices.refusedUntil(each)] as const,
    ),
    ['notices.upFor', catalogue.notices.upFor(600)],
    ...[true, false].map(
      each => [`notices.unreadyFor.${each}`, catalogue.notices.unreadyFor('12:00', 7.3, each)] as const,
    ),
    ...(['restart', 'shutdown'] as const).map(
      each => [`notices.byJobAfter.${each}`, catalogue.notices.byJobAfter('12:00', '12:01', each)] as const,
    ),
    ...noticedOutages.flatMap(
      each =>
        [
          [`notices.outageTitle.${JSON.stringify(each)}`, catalogue.notices.outageTitle('neko', each)],
          [`notices.outageEnd.${JSON.stringify(each)}`, catalogue.notices.outageEnd(each, '12:00', '12:01')],
        ] as const,
    ),
    ['notices.outageSpan', catalogue.notices.outageSpan(90)],
    ...countsOfFalls.flatMap(
      each =>
        [
          [`notices.gaveUp.${JSON.stringify(each)}`, catalogue.notices.gaveUp(each, 2.1)],
          [`notices.fallsSoFar.${JSON.stringify(each)}`, catalogue.notices.fallsSoFar(each, '12:00')],
        ] as const,
    ),
    ...(['starting', 'active', 'stopping'] as const).map(
      each => [`notices.waited.${each}`, catalogue.notices.waited(90, each, true)] as const,
    ),
    ...(['runs', 'halts', 'starts', 'restarts', 'ends', 'fails', 'stopped', 'rests'] as const).map(
      each => [`notices.presentRun.${each}`, catalogue.notices.presentRun(each, '12:00', false)] as const,
    ),
    ...channelFaults.map(each => [`notify.fault.${each.code}`, catalogue.notify.fault(each)] as const),
    ...incidentStates.map(
      each =>
        [
          `notify.incident.${each}`,
          catalogue.notify.incident(
            'own.service',
            each,
            { count: 3, failedStarts: 2, isAtLeast: true, first: '12:00', last: '13:00' },
            'as-seen',
          ),
        ] as const,
    ),
    ...(['runs', 'starts', 'ends', 'does-not-run', 'unknown'] as const).map(
      each =>
        [
          `notify.incident.${each}`,
          catalogue.notify.incident(
            'own.service',
            'down',
            { count: 1, failedStarts: 0, isAtLeast: false, first: '12:00', last: '12:00' },
            each,
          ),
        ] as const,
    ),
    ...linkFaults.flatMap(each =>
      Object.entries(describeLinkFault(each, catalogue.links.faults)).map(
        ([part, text]) => [`links.faults.${JSON.stringify(each)}.${part}`, text] as const,
      ),
    ),
    ...notAskedReasons.map(
      each => [`links.notAsked.${each.code}`, catalogue.links.notAsked('tama', each)] as const,
    ),
    ...fallKinds.flatMap(fall => [
      ...outageStages.map(
        each =>
          [
            `failoverTest.stage.${each}.${fall}`,
            catalogue.failoverTest.stage(each, fall, 'own.service', 83),
          ] as const,
      ),
      ...[undefined, 'swans.service'].map(
        front =>
          [
            `failoverTest.willFall.${fall}.${front}`,
            catalogue.failoverTest.willFall({ fall, unit: 'own.service', agent: 'tama' }, front, 16),
          ] as const,
      ),
      ...outageEnds.map(
        each =>
          [
            `failoverTest.back.${each.kind}.${fall}`,
            catalogue.failoverTest.back(fall, 'own.service', each, '83'),
          ] as const,
      ),
      ...streams.map(
        (each, index) =>
          [`failoverTest.stream.${index}.${fall}`, catalogue.failoverTest.stream(fall, each)] as const,
      ),
      [`failoverTest.fallen.${fall}`, catalogue.failoverTest.fallen(fall, 'own.service', '83')] as const,
      [`failoverTest.notFallen.${fall}`, catalogue.failoverTest.notFallen(fall, 'own.service')] as const,
      [`failoverTest.noFront.${fall}`, catalogue.failoverTest.noFront(fall, 'own.service')] as const,
    ]),
    ...turns.flatMap(each =>
      [
        { isThroughFallback: true, standIn: undefined },
        { isThroughFallback: false, standIn: undefined },
        { isThroughFallback: true, standIn: 'kuma' },
      ].map(
        by =>
          [
            `failoverTest.turn.${JSON.stringify({ ...each, ...by })}`,
            catalogue.failoverTest.turn('tama', each, by),
          ] as const,
      ),
    ),
    ...stopRefusals.flatMap(each => [
      [`failoverTest.refusal.${each.code}`, catalogue.failoverTest.refusal(each)] as const,
      [`failoverTest.refusalHint.${each.code}`, catalogue.failoverTest.refusalHint(each, 'user')] as const,
    ]),
    ...(['bytes', 'characters', 'words', 'levels', 'values', 'files', 'question'] as const).map(
      of => [`metLimit.${of}`, catalogue.metLimit({ of, most: 217 })] as const,
    ),
    ['failover.staying', catalogue.failover.staying(['tama', 'momo'])],
    ...(['variable', 'form', 'alike'] as const).map(
      each => [`failover.unclear.${each}`, catalogue.failover.unclear('geese/grey', each)] as const,
    ),
    ['metLimit.errno', catalogue.metLimit({ of: 'errno', errno: 'EACCES' })],
    ['metLimit.answer', catalogue.metLimit({ of: 'answer' })],
    ['metLimit.kind', catalogue.metLimit({ of: 'kind' })],
    ['metLimit.syntax', catalogue.metLimit({ of: 'syntax', column: 217, isAtEnd: false })],
    ['metLimit.syntax-at-end', catalogue.metLimit({ of: 'syntax', column: 217, isAtEnd: true })],
    ['metLimit.value', catalogue.metLimit({ of: 'value', key: 'include' })],
    ['metLimit.value of all', catalogue.metLimit({ of: 'value', key: '' })],
    ['links.summary', catalogue.links.summary(217, 2, 83, 97)],
    ...refusedReasons.flatMap(
      each =>
        [
          [`failover.refused.${each.code}`, catalogue.failover.refused(each)],
          [
            `failover.refusedHint.${each.code}`,
            catalogue.failover.refusedHint(each.code, 'openclaw config validate'),
          ],
        ] as const,
    ),
    ...gatewayNotes.map(
      each => [`failover.note.${JSON.stringify(each)}`, catalogue.failover.note(each)] as const,
    ),
    ...grips.map(
      each =>
        [`failover.grip.${each}`, catalogue.failover.grip('own.service', each, 'systemctl restart')] as const,
    ),
    ...shipFaults.flatMap(
      each =>
        [
          [`failover.shipFault.${each.code}`, catalogue.failover.shipFault('kuma.example.com', each)],
          [`failover.shipHint.${each.code}`, catalogue.failover.shipHint(each.code)],
        ] as const,
    ),
    ...answerings.map(
      each => [`failover.answering.${JSON.stringify(each)}`, catalogue.failover.answering(each)] as const,
    ),
    ...frontTexts(catalogue),
    ...leaves(catalogue, []),
  ]);
}

function* frontTexts({ failover: { front } }: Catalogue): Iterable<readonly [string, string]> {
  for (const each of frontNotes) yield [`failover.front.note.${each.code}`, front.note(each)];
  for (const each of noFronts) {
    const { message, hint } = front.refused(each);
    yield [`failover.front.refused.${each.code}`, message];
    yield [`failover.front.refused.${each.code}.hint`, hint];
  }
  for (const isEdited of [true, false])
    yield [`failover.front.rejectedHint.${isEdited}`, front.rejectedHint(isEdited)];
  const [local, other] = frontPlaces;
  yield ['failover.front.answering.local', front.answering(local, local)];
  yield ['failover.front.answering.other', front.answering(other, local)];
  yield ['failover.front.answering.nobody', front.answering(undefined, local)];
  for (const each of frontPlaces) yield [`failover.front.requests.${each.name}`, front.requests(each)];
  yield ['failover.front.unfit', front.unfit({ ...other, forSeconds: 83, said: 'Layer4 timeout' })];
  yield ['failover.front.outdated', front.outdated(['front.cfg', 'keys.cfg'])];
  yield ['failover.front.unfit.silent', front.unfit(other)];
}

/** The texts below a value, in an order that does not depend on how they are written down. */
function leaves(value: unknown, path: readonly string[]): readonly (readonly [string, string])[] {
  if (typeof value === 'string') return [[path.join('.'), value]];
  if (typeof value === 'function') {
    const given = Array.from({ length: value.length }, (_, index) => `arg${index + 1}`);
    return [[path.join('.'), call(value, ...given)]];
  }
  if (typeof value !== 'object' || value === null) throw new Error(`${path.join('.')} is no text`);
  return Object.keys(value)
    .filter(key => !takesData.has([...path, key].join('.')))
    .toSorted()
    .flatMap(key => leaves(entryOf(value, key), [...path, key]));
}

function entryOf(object: object, key: string): unknown {
  return Object.getOwnPropertyDescriptor(object, key)?.value;
}

function call(entry: unknown, ...given: readonly unknown[]): string {
  if (typeof entry !== 'function') throw new Error('not a function');
  const text: unknown = Reflect.apply(entry, undefined, given);
  if (typeof text !== 'string') throw new Error(`${JSON.stringify(given)}: no text`);
  return text;
}

/** Entries that take more than plain texts: they are asked with samples of their own, `rules` with real findings. */
const takesData: ReadonlySet<string> = new Set([
  'explain.goesToBackground',
  'notices.outageTitle',
  'notices.outageEnd',
  'notices.outageSpan',
  'reasons',
  'rules',
  'remedies',
  'ending',
  'loadProblem',
  'ignoredLine',
  'metLimit',
  'managerProblem',
  'check.summary',
  'configuration.fault',
  'configuration.note',
  'status.fellThenStopped',
  'explain.fellThenStopped',
  'notices.why',
  'notices.downFor',
  'notices.jobTimedOut',
  'notices.refusedUntil',
  'notices.upFor',
  'notices.unreadyFor',
  'notices.byJobAfter',
  'notices.gaveUp',
  'notices.endBefore',
  'notices.fallsSoFar',
  'notices.waited',
  'notices.presentRun',
  'failover.staying',
  'failover.unclear',
  'failoverTest.stage',
  'failoverTest.willFall',
  'failoverTest.fallen',
  'failoverTest.notFallen',
  'failoverTest.noFront',
  'failoverTest.stream',
  'failoverTest.back',
  'failoverTest.turn',
  'failoverTest.refusal',
  'failoverTest.refusalHint',
  'links.faults',
  'links.notAsked',
  'links.summary',
  'notify.fault',
  'notify.incident',
  'failover.refused',
  'failover.refusedHint',
  'failover.note',
  'failover.grip',
  'failover.shipFault',
  'failover.shipHint',
  'failover.answering',
  'failover.front.answering',
  'failover.front.note',
  'failover.front.refused',
  'failover.front.rejectedHint',
  'failover.front.requests',
  'failover.front.outdated',
  'failover.front.unfit',
]);
