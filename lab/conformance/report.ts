/** Writes `docs/conformance.md`: the comparison of the present model with recordings of real systemds. */
import type { Timeline } from '../../src/restart/timeline.ts';
import { type Feature, features, type RunUnit } from './coverage.ts';
import { type RecordedLine, replay, runAgain, wasRun } from './recording.ts';
import { whyNotRun } from './why-not-run.ts';
import { newestKnownVersion, oldestKnownVersion } from '../../src/systemd/host/version.ts';

export interface Report {
  /** The page in Markdown. */
  readonly page: string;
  /** Texts about everything that must not happen; empty when there is nothing. */
  readonly faults: readonly string[];
}

/** A unit and its result. */
interface Judged {
  readonly systemd: number;
  readonly seed: number | undefined;
  /** Undefined for a unit that was not run. */
  readonly unit: RunUnit | undefined;
  readonly disagreements: readonly string[];
  /** Why the unit was not run. */
  readonly notRun: string | undefined;
  /** Why it is uncertain whether the start limit ends the unit. */
  readonly undetermined: string | undefined;
  /** Facts that were not compared, and whether the unit was run again. */
  readonly skipped: readonly string[];
}

/** The least number of units with each feature, among 1,000 units of a version. */
const leastOfThousand = 30;
/** The largest share of a version's units that may be left out. */
const mostLeftOut = 0.03;

/** Compares recordings with the model of this checkout and writes the page about them. */
export async function writeReport(recording: readonly RecordedLine[]): Promise<Report> {
  const judged: Judged[] = [];
  for (const line of recording) judged.push(await judge(line));
  const versions = unique(judged.map(one => one.systemd)).sort((a, b) => a - b);
  const sections = [introduction(versions), agreement(judged), leftOut(judged, versions)];
  const page = [...sections, coverage(judged, versions), notDrawn, repetition(judged)].join('\n');
  const faults = [
    ...judged.flatMap(one => one.disagreements),
    ...versions.flatMap(version => faultsOf(version, judged.filter(ofVersion(version)))),
  ];
  return { page, faults: recording.length === 0 ? ['nothing was recorded'] : faults };
}

async function judge(line: RecordedLine): Promise<Judged> {
  const { systemd, seed, managerLines, case: some, place } = line;
  const none = { disagreements: [], skipped: [], undetermined: undefined } as const;
  if (!wasRun(line)) return { systemd, seed, unit: undefined, notRun: line.excluded, ...none };
  const { prediction, disagreements, skipped } = await replay(line);
  // The present model may leave out a unit that was run, for example because it needs a longer observation.
  const notRun = whyNotRun(prediction);
  if (notRun !== undefined) return { systemd, seed, unit: undefined, notRun, ...none };
  return {
    systemd,
    seed,
    unit: { case: some, managerLines, place, prediction },
    notRun: undefined,
    undetermined: prediction.loaded && whyUndetermined(prediction.loaded.timeline),
    skipped: [...skipped, ...(line.isRepeated === true ? [runAgain] : [])],
    disagreements: disagreements.map(
      ({ what, predicted, observed }) =>
        `systemd ${systemd}, seed ${seed ?? '?'}, ${place.unit}: ${what}: predicted ${predicted}, observed ${observed}`,
    ),
  };
}

function whyUndetermined({ givesUp, because }: Timeline): string | undefined {
  if (givesUp !== 'undetermined') return undefined;
  return because.some(({ code }) => code === 'limit-undetermined')
    ? 'the interval of the start limit lies within what timers may be late'
    : 'when a unit that is upheld meets its start limit';
}

function faultsOf(version: number, units: readonly Judged[]): readonly string[] {
  const least = leastOfThousand * Math.max(1, units.length / 1_000);
  const rare = Object.values(features)
    .flat()
    .flatMap(feature => {
      const count = countOf(feature, version, units);
      return count === undefined || count >= least
        ? []
        : [`systemd ${version}: ${count} of ${feature.name}, fewer than ${Math.ceil(least)}`];
    });
  const out = units.filter(isLeftOut).length;
  return out < mostLeftOut * units.length
    ? rare
    : [...rare, `systemd ${version}: ${percent(out, units.length)} are not run or undetermined`];
}

function introduction(versions: readonly number[]): string {
  const others = Array.from(
    { length: newestKnownVersion - oldestKnownVersion + 1 },
    (_, index) => oldestKnownVersion + index,
  ).filter(version => !versions.includes(version));
  const read = others.length === 0 ? '' : ` Read, not run: ${ranges(others)}.`;
  return `# Conformance

Does daruma say what systemd does? Random services, most of them wrong in some way, each with a way to end, were run on
real systemd hosts, half of them in a user's manager. What was seen there is held against what the model says today:
this page is written by \`lab/conformance\`, not by hand.

Compared are the effective value of every directive that decides about restarts, whether the unit is loaded, the first
result, whether it restarts, that no restart comes too soon, whether the start limit ends it, after how many starts and
with which \`NRestarts\` and \`Result\`, and the state it is left in. Some units are tied to another one, which is killed or
stopped, or lives on while they end: whether they go down with it, and whether something brings them back. A busy machine
may be late; nothing may be early.

Run: systemd ${versions.join(', ')}.${read} What is read comes from systemd's source and manual pages.
`;
}

function agreement(judged: readonly Judged[]): string {
  const rows = unique(judged.map(one => one.systemd))
    .sort((a, b) => a - b)
    .flatMap(version => {
      const units = judged.filter(ofVersion(version));
      const seeds = unique(units.map(one => one.seed));
      const bySeed = seeds.map(seed =>
        agreementRow(
          version,
          seed === undefined ? 'not noted' : String(seed),
          units.filter(one => one.seed === seed),
        ),
      );
      return seeds.length === 1 ? bySeed : [...bySeed, agreementRow(version, 'all', units)];
    });
  return `## Agreement

A unit agrees when every settled fact of it does.

${table(['systemd', 'seed', 'units', 'agree', 'disagree', 'undetermined', 'not run', 'agreement'], rows)}`;
}

function agreementRow(version: number, seed: string, units: readonly Judged[]): readonly string[] {
  const disagree = units.filter(disagrees).length;
  const notRun = units.filter(one => one.notRun !== undefined).length;
  const undetermined = units.filter(one => one.undetermined !== undefined && !disagrees(one)).length;
  const agree = units.length - disagree - notRun - undetermined;
  const counts = [units.length, agree, disagree, undetermined, notRun].map(String);
  return [String(version), seed, ...counts, percent(agree, agree + disagree)];
}

function leftOut(judged: readonly Judged[], versions: readonly number[]): string {
  const rowsOf = (reasonsOf: (one: Judged) => readonly string[], before = '') => {
    const reasons = unique(judged.flatMap(reasonsOf)).sort();
    return reasons.map(reason => [before + reason, ...cells(one => reasonsOf(one).includes(reason))]);
  };
  const cells = (is: (one: Judged) => boolean) =>
    versions.map(version => {
      const units = judged.filter(ofVersion(version));
      return share(units.filter(is).length, units.length);
    });
  const head = (text: string) => [text, ...versions.map(String)];
  return `## What is left out

Not run is what would tell nothing: two limits about to expire at once, an end later than the watch, restarts so frequent
that they drown the others. Undetermined is what systemd itself leaves to the clock; all else of such a unit is
compared.

${table(head('reason'), [
  ...rowsOf(one => listOf(one.notRun), 'not run: '),
  ...rowsOf(one => listOf(one.undetermined), 'undetermined: '),
  ['**together**', ...cells(isLeftOut)],
])}
Single facts could not be compared where the host was still at it, or slower than the model grants. All else of these
units was. What disagrees on a host with many units is run again on one of its own, and that counts.

${table(
  head('reason'),
  rowsOf(one => one.skipped),
)}`;
}

function coverage(judged: readonly Judged[], versions: readonly number[]): string {
  const tables = Object.entries(features).map(([subject, all]) => {
    const rows = all.map(feature => [
      feature.name,
      ...versions.map(version => String(countOf(feature, version, judged.filter(ofVersion(version))) ?? '–')),
    ]);
    return table([subject, ...versions.map(String)], rows);
  });
  return `## Coverage

How many of the units that were run had what. A run of 1,000 has at least ${leastOfThousand} of each; a dash is what that systemd does
not know yet. Directives that a systemd does not know are written all the same: it has to pass over them.

${tables.join('\n')}`;
}

const notDrawn = `## What is not drawn at random

Other tests run these on real hosts:

- logout, \`kill -9\` of the user manager, reboot, lingering or not, enabled or not, socket and D-Bus activation: \`test/inventory/boot.lab.test.ts\`
- \`OnFailure=\` and other rules around a service: \`test/restart/around-the-model.lab.test.ts\`
- the effective settings of all units that are installed on a host: \`test/systemd/effective-settings.lab.test.ts\`

An end by the kernel for lack of memory (\`oom\`) is read, not run: it needs the memory controller of cgroup v2.
`;

function repetition(judged: readonly Judged[]): string {
  const seeds = unique(judged.flatMap(one => one.seed ?? []));
  const commands = seeds.map(seed => {
    const units = judged.filter(one => one.seed === seed);
    const versions = unique(units.map(one => one.systemd)).sort((a, b) => a - b);
    const count = units.length / versions.length;
    return `npm run conformance -- --systemd ${versions.join(',')} --count ${count} --seed ${seed} --record ${seed}.jsonl`;
  });
  const files = seeds.map(seed => `${seed}.jsonl`).join(' ');
  return `## Again

\`\`\`sh
${commands.join('\n')}
npm run -s conformance -- report ${files} > docs/conformance.md
\`\`\`

A seed gives the same units as long as the generator (\`lab/conformance/arbitrary.ts\`) is the same. Each disagreement that
was ever found is kept under \`lab/scenarios\`. \`lab/conformance/mutants.ts\` puts errors into the model, one at a time, and
holds them against a recording: is the net fine enough?
`;
}

/** The number of units with a feature; undefined when the version does not have the feature. */
function countOf({ since, isIn }: Feature, version: number, units: readonly Judged[]): number | undefined {
  return version < since ? undefined : units.filter(({ unit }) => unit !== undefined && isIn(unit)).length;
}

function disagrees({ disagreements }: Judged): boolean {
  return disagreements.length > 0;
}

function isLeftOut({ notRun, undetermined }: Judged): boolean {
  return notRun !== undefined || undetermined !== undefined;
}

function ofVersion(version: number): (one: Judged) => boolean {
  return one => one.systemd === version;
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (words: readonly string[]) => `| ${words.join(' | ')} |\n`;
  const rule = head.map((_, index) => (index === 0 ? '---' : '---:'));
  return [head, rule, ...rows].map(line).join('');
}

function share(count: number, of: number): string {
  return count === 0 ? '0' : `${count} (${percent(count, of)})`;
}

/** A percentage, never rounded up to 100 %. */
function percent(count: number, of: number): string {
  return of === 0 ? '–' : `${Math.floor((count / of) * 10_000) / 100} %`;
}

/** `248-251, 253`. */
function ranges(numbers: readonly number[]): string {
  const starts = numbers.filter(number => !numbers.includes(number - 1));
  const ends = numbers.filter(number => !numbers.includes(number + 1));
  return starts
    .map((start, index) => (start === ends[index] ? String(start) : `${start}-${ends[index]}`))
    .join(', ');
}

function listOf<T>(one: T | undefined): readonly T[] {
  return one === undefined ? [] : [one];
}

function unique<T>(all: readonly T[]): T[] {
  return [...new Set(all)];
}
