/**
 * Plans the changes that fix findings; nothing is written here. The plan is made in rounds: after each round the changed host
 * is checked again, and new findings are fixed as well, until no finding is left that can be fixed without a decision of the
 * user.
 */
import { checkInventory } from '../check/engine.ts';
import type { Finding, RuleId } from '../check/finding.ts';
import type { CheckPolicy } from '../check/policy.ts';
import { isStartInVain } from '../check/starts.ts';
import { type Inventory, takeInventory } from '../inventory/inventory.ts';
import type { Changes } from '../transaction/changes.ts';
import type { LeftOut } from '../transaction/obstacle.ts';
import { FixDraft, type DraftOptions, type Prevented } from './draft.ts';
import type { WantedSetting } from './drop-in.ts';

/** Changes, and the findings that they fix. */
export interface Plan extends Changes, Partial<MissingHooks> {
  /** The settings of the drop-ins, by unit. */
  readonly settings: ReadonlyMap<string, readonly WantedSetting[]>;
  /**
   * Services that keep their old settings until they are restarted. A restart interrupts them, so it is done only when the
   * user asks for it.
   */
  readonly restarts: readonly string[];
  /** Services that are down and were not stopped. They are started only when the user asks for restarts. */
  readonly starts?: readonly string[];
  /** Units that the plan makes; nothing starts them before the next boot. */
  readonly made?: readonly string[];
  /** Findings that the plan fixes. */
  readonly settled: readonly Finding[];
  /** Findings that remain or that the plan causes: the user must decide or edit something. */
  readonly left: readonly Finding[];
  /** Those of `left` that are not so without the plan: the plan causes them, or changes what they say. */
  readonly brought?: readonly Finding[];
  /** Those of `brought` that the plan is about: it changes what they say, and does not settle them. */
  readonly changed?: readonly Finding[];
  /** Those of `left` that a fix settles when their rules are named. */
  readonly onRequest?: readonly Finding[];
  /** Settings that would have no effect and are therefore not in the plan. */
  readonly prevented: readonly Prevented[];
  /** Paths that cannot be written. */
  readonly leftOut?: readonly LeftOut[];
  /** Services whose start from now on waits for a hook, and so fails when their process fails meanwhile; it was over at once before. */
  readonly longerStarts?: readonly string[];
  /** Services whose commands end while they stay active: only that a start of theirs fails is told. */
  readonly remaining?: readonly string[];
  /** The folder through which hooks run daruma and that an upgrade deletes. */
  readonly passingVersion?: string | undefined;
}

/** Services that get a hook less, since it would change what becomes of them or of others. */
export interface MissingHooks {
  /** None for the end: they and other units stop each other. */
  readonly inRing: readonly string[];
  /** None for the start: others fail to start when it fails. */
  readonly required: readonly string[];
  /** None for the failure: their `OnFailureJobMode=` allows no other job. */
  readonly soleFailureJob: readonly string[];
}

/** Names of the units that a plan makes or changes. */
export function unitsOf({ settled, settings, made = [] }: Plan): readonly string[] {
  return [...new Set([...made, ...settled.flatMap(({ unit }) => unit ?? []), ...settings.keys()])];
}

/** Two plans as one; the manager is reloaded once. */
export function together(first: Plan, second: Plan): Plan {
  const isReloaded = first.steps.some(({ kind }) => kind === 'daemon-reload');
  return {
    ...first,
    files: new Map([...first.files, ...second.files]),
    madeFrom: new Map([...(first.madeFrom ?? []), ...(second.madeFrom ?? [])]),
    steps: [...first.steps, ...second.steps.filter(({ kind }) => kind !== 'daemon-reload' || !isReloaded)],
    prevented: [...first.prevented, ...second.prevented],
    leftOut: [...(first.leftOut ?? []), ...(second.leftOut ?? [])],
    inRing: [...(first.inRing ?? []), ...(second.inRing ?? [])],
    required: [...(first.required ?? []), ...(second.required ?? [])],
    soleFailureJob: [...(first.soleFailureJob ?? []), ...(second.soleFailureJob ?? [])],
    remaining: [...(first.remaining ?? []), ...(second.remaining ?? [])],
    longerStarts: [...(first.longerStarts ?? []), ...(second.longerStarts ?? [])],
    passingVersion: first.passingVersion ?? second.passingVersion,
  };
}

/**
 * Which findings are fixed. Findings of severity `info` are fixed only when their rule is named, or when they are about a line
 * that the plan writes anyway.
 *
 * @param only the rules that the user named; undefined when none was named
 */
export function wanted(only: readonly RuleId[] | undefined): DraftOptions['isWanted'] {
  return ({ rule, severity }, isOfOwnLine) =>
    only === undefined ? severity !== 'info' || isOfOwnLine : only.includes(rule);
}

/** The plan when the services that it names are restarted and started as well, which settles what only that can settle. */
export function withRuns(plan: Plan, restarts: readonly string[], starts: readonly string[]): Plan {
  const isSettled = ({ rule, unit, changes }: Finding) =>
    // What enables a service may start it as well.
    (rule === 'service-down' && unit !== null && starts.includes(unit)) ||
    (changes.length > 0 &&
      changes.every(change => change.kind === 'restart' && restarts.includes(change.unit)));
  return {
    ...plan,
    settled: [...plan.settled, ...plan.left.filter(isSettled)],
    left: plan.left.filter(finding => !isSettled(finding)),
  };
}

/**
 * Whether a fix would change or start anything. This takes one round of a plan: further rounds only add to what the first one
 * leaves, so the changed host need not be checked.
 */
export async function wouldFix(
  inventory: Inventory,
  names: readonly string[],
  policy: CheckPolicy,
  options: DraftOptions,
): Promise<{ readonly isAnything: boolean; readonly isStarting: boolean }> {
  const draft = new FixDraft(inventory.host, options);
  if (draft.take(await findingsOf(inventory, names, policy), inventory))
    draft.dropWithoutEffect(await takeInventory(draft.hostAfterwards()));
  const isStarting = draft.starts().length > 0;
  return { isAnything: isStarting || draft.files().size > 0 || draft.steps().length > 0, isStarting };
}

/** Makes a plan for the named services of a host. */
export async function planFix(
  inventory: Inventory,
  names: readonly string[],
  policy: CheckPolicy,
  options: DraftOptions,
): Promise<Plan> {
  const before = await findingsOf(inventory, names, policy);
  const draft = new FixDraft(inventory.host, options);
  let findings = before;
  let current = inventory;
  for (let round = 0; round < mostRounds; round += 1) {
    const isChanged = draft.take(findings, current);
    if (!isChanged) break;
    current = await takeInventory(draft.hostAfterwards(), inventory.endedWell);
    draft.dropWithoutEffect(current);
    current = await takeInventory(draft.hostAfterwards(), inventory.endedWell);
    findings = await findingsOf(current, names, draft.policyAfterwards(policy));
  }
  // The changed host has no manager, and only the manager knows which settings a running process was started with.
  const known = new Set(findings.map(identityOf));
  const steps = draft.steps();
  const isReloaded = steps.some(({ kind }) => kind === 'daemon-reload');
  const isKept = (each: Finding) =>
    isOfManager(each) &&
    !(isReloaded && each.rule === 'daemon-reload-needed') &&
    !known.has(identityOf(each));
  // What is down now, and what is so already, comes before what a file may lead to.
  const left = [...before.filter(isKept), ...findings];
  const saidBefore = new Set(before.map(contentOf));
  const brought = left.filter(finding => !saidBefore.has(contentOf(finding)));
  const about = new Set(
    before.filter(finding => isChanging(finding) && options.isWanted(finding, false)).map(identityOf),
  );
  return {
    files: draft.files(),
    madeFrom: draft.madeFrom(),
    settings: draft.settings(),
    steps,
    restarts: await withoutVain(draft.restarts(), current),
    starts: draft.starts(),
    settled: without(before, left),
    left,
    brought,
    changed: brought.filter(finding => about.has(identityOf(finding))),
    onRequest: await onRequest(left, inventory, options),
    prevented: draft.prevented,
    leftOut: draft.leftOut(),
  };
}

/** Of units that run those whose start is not known to fail: the others go on as they are. */
async function withoutVain(units: readonly string[], inventory: Inventory): Promise<readonly string[]> {
  const vain = new Set<string>();
  for await (const entry of inventory.services(units)) {
    if (isStartInVain(entry)) vain.add(entry.service.unit.name);
  }
  return units.filter(unit => !vain.has(unit));
}

/** Whether a fix has something to change for it, and not only to run. */
function isChanging({ changes }: Finding): boolean {
  return changes.some(({ kind }) => kind !== 'restart' && kind !== 'start');
}

/** The findings that are left only because their rules are not wanted. */
async function onRequest(
  left: readonly Finding[],
  inventory: Inventory,
  options: DraftOptions,
): Promise<readonly Finding[]> {
  const candidates = left.filter(finding => isChanging(finding) && !options.isWanted(finding, false));
  if (candidates.length === 0) return [];
  const draft = new FixDraft(inventory.host, { ...options, isWanted: () => true });
  if (!draft.take(candidates, inventory)) return [];
  draft.dropWithoutEffect(await takeInventory(draft.hostAfterwards(), inventory.endedWell));
  const inVain = new Set([...draft.prevented, ...draft.leftOut()].map(({ unit }) => unit ?? null));
  return candidates.filter(({ unit }) => !inVain.has(unit));
}

/** Each round adds at least one change and no change is added twice. This limit only guards against rules that contradict each other. */
const mostRounds = 8;

async function findingsOf(
  inventory: Inventory,
  names: readonly string[],
  policy: CheckPolicy,
): Promise<readonly Finding[]> {
  const findings: Finding[] = [];
  for await (const result of checkInventory(inventory, names, policy)) findings.push(...result.findings);
  return findings;
}

/** Whether only a running manager knows of a fault: what it has read, what a process was started with, or that none runs. */
function isOfManager({ rule }: Finding): boolean {
  return ofManager.has(rule);
}

const ofManager: ReadonlySet<RuleId> = new Set([
  'daemon-reload-needed',
  'service-down',
  'user-manager-down',
  'restart-needed',
  'failover-key-unread',
]);

/** Identifies a fault before and after a change, without its arguments, which the change may alter. */
function identityOf({ rule, unit }: Finding): string {
  return `${rule} ${unit ?? ''}`;
}

/**
 * The findings that are not among others. A unit may have several of one rule, of which a change settles some: as many as remain are
 * left out, first those that say the same.
 */
function without(before: readonly Finding[], left: readonly Finding[]): readonly Finding[] {
  const said = numbersOf(left.map(contentOf));
  const remaining = numbersOf(left.map(identityOf));
  const others = before.filter(finding => {
    const isSaid = takeOne(said, contentOf(finding));
    if (isSaid) takeOne(remaining, identityOf(finding));
    return !isSaid;
  });
  return others.filter(finding => !takeOne(remaining, identityOf(finding)));
}

function numbersOf(words: readonly string[]): Map<string, number> {
  const numbers = new Map<string, number>();
  for (const word of words) numbers.set(word, (numbers.get(word) ?? 0) + 1);
  return numbers;
}

/** Whether there was one, which is taken away. */
function takeOne(numbers: Map<string, number>, word: string): boolean {
  const number = numbers.get(word) ?? 0;
  if (number > 0) numbers.set(word, number - 1);
  return number > 0;
}

/** All that a finding says, apart from the place of its line. */
function contentOf({ rule, unit, details }: Finding): string {
  return JSON.stringify([rule, unit, details]);
}
