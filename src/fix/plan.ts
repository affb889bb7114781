/**
 * Plans what puts findings right; nothing is written here. The plan is made as a careful person would make it, round after
 * round: what the first changes bring to light is put right as well, until nothing more can be done without a person.
 */
import { check } from '../check/engine.ts';
import type { Finding, RuleId } from '../check/finding.ts';
import type { CheckPolicy } from '../check/policy.ts';
import { type Inventory, openInventory } from '../inventory/inventory.ts';
import type { Changes } from '../transaction/changes.ts';
import type { LeftOut } from '../transaction/obstacle.ts';
import { FixDraft, type DraftOptions, type Prevented } from './draft.ts';
import type { WantedSetting } from './drop-in.ts';

/** Changes, and what they are for. */
export interface Plan extends Changes {
  /** The settings of the drop-ins, by unit. */
  readonly settings: ReadonlyMap<string, readonly WantedSetting[]>;
  /**
   * Services that go on with what they were started with until they are started again. That interrupts them, and is done
   * only when somebody asks for it.
   */
  readonly restarts: readonly string[];
  /** Findings that are no more when it is done. */
  readonly settled: readonly Finding[];
  /** Findings that stay, or come of it: a person must decide or edit. */
  readonly left: readonly Finding[];
  /** Settings that would be without effect, and are therefore not in the plan. */
  readonly prevented: readonly Prevented[];
  /** What cannot be written, whatever it would say. */
  readonly leftOut?: readonly LeftOut[];
}

/** The units that a plan is about, by name. */
export function unitsOf({ settled, settings }: Plan): readonly string[] {
  return [...new Set([...settled.flatMap(({ unit }) => unit ?? []), ...settings.keys()])];
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
  };
}

/**
 * Which findings are put right. What is merely possible is done when it is asked for by name, and where daruma writes the
 * line anyway: then it is written as well as this systemd allows.
 *
 * @param only rules that were asked for by name; undefined where none was
 */
export function wanted(only: readonly RuleId[] | undefined): DraftOptions['isWanted'] {
  return ({ rule, severity }, isOfOwnLine) =>
    only === undefined ? severity !== 'info' || isOfOwnLine : only.includes(rule);
}

/** Plans for services of a host, by name. */
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
    current = await openInventory(draft.hostAfterwards());
    draft.dropWithoutEffect(current);
    current = await openInventory(draft.hostAfterwards());
    findings = await findingsOf(current, names, draft.policyAfterwards(policy));
  }
  // The host as it would be has no manager, which alone knows what a process was started with.
  const known = new Set(findings.map(identityOf));
  const left = [...findings, ...before.filter(each => needsRestart(each) && !known.has(identityOf(each)))];
  const remaining = new Set(left.map(identityOf));
  return {
    files: draft.files(),
    madeFrom: draft.madeFrom(),
    settings: draft.settings(),
    steps: draft.steps(),
    restarts: draft.restarts(),
    settled: before.filter(
      finding => options.isWanted(finding, false) && !remaining.has(identityOf(finding)),
    ),
    left,
    prevented: draft.prevented,
    leftOut: draft.leftOut(),
  };
}

/** Each round brings at least one change, and no change is made twice: this only guards against rules that disagree. */
const mostRounds = 8;

async function findingsOf(
  inventory: Inventory,
  names: readonly string[],
  policy: CheckPolicy,
): Promise<readonly Finding[]> {
  const findings: Finding[] = [];
  for await (const result of check(inventory, names, policy)) findings.push(...result.findings);
  return findings;
}

function needsRestart({ changes }: Finding): boolean {
  return changes.some(({ kind }) => kind === 'restart');
}

/** The same fault before and after a change, whatever its arguments have become. */
function identityOf({ rule, unit }: Finding): string {
  return `${rule} ${unit ?? ''}`;
}
