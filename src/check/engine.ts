/** Runs the rules over the services of a host, one service after the other. */
import type { Inventory, ServiceEntry } from '../inventory/inventory.ts';
import type { Host } from '../systemd/host/host.ts';
import { type MetLimit, takeLimits } from '../systemd/host/limit.ts';
import { type CheckedUnit, checkedUnit } from './checked-unit.ts';
import { byWeight, type Finding, type RuleId, type SuppressedFinding } from './finding.ts';
import { type CheckPolicy, defaultUnitPolicy, type UnitPolicy } from './policy.ts';
import type { Picture } from '../routes/picture.ts';
import { beginPicture } from '../routes/read-picture.ts';
import type { CheckContext, Fault, HostContext, Need, Rule, ServiceRule, UnitRule } from './rule.ts';
import type { Severity } from './severity.ts';
import { allRules } from './rules/index.ts';
import { acceptanceIn, type Suppression, suppressionsOf } from './suppression.ts';

/** The findings about one unit, or about the host: what is known at once, and what is known once all units have been seen. */
export interface CheckResult {
  /** The unit; undefined for the host. */
  readonly unit: CheckedUnit | undefined;
  /** The worst findings first; findings of one severity in the order of their lines and of the rules. */
  readonly findings: readonly Finding[];
  readonly suppressed: readonly SuppressedFinding[];
  /** Comments that name a rule which does not exist. */
  readonly unknownSuppressions: readonly Suppression[];
  /** Texts that were read only up to a limit. */
  readonly limits: readonly MetLimit[];
  /** Whether nothing more is said of the host. */
  readonly isLast: boolean;
}

/**
 * Checks the services in the order of their names. Findings about several services or about the host come last, but for what is down
 * with all of them, which comes first.
 *
 * @param policy what the user's configuration says
 * @param others the pictures of the machines that are checked together with this one: who asks whom there
 */
export async function* checkInventory(
  inventory: Inventory,
  names: readonly string[],
  policy: CheckPolicy,
  others: readonly Picture[] = [],
): AsyncIterable<CheckResult> {
  const reader = beginPicture(inventory.host, policy.nodes);
  let own: Picture | undefined;
  const context: HostContext = {
    inventory,
    routes() {
      own ??= reader.picture(includesAll(names, inventory.ownServices()));
      return { own, others };
    },
    hasUnits: names.length > 0,
    hasChannels: policy.hasChannels,
    secretFiles: policy.secretFiles,
  };
  const active = allRules.filter(
    rule => policy.rules.get(rule.id) !== 'off' && isMet(rule.needs, inventory.host),
  );
  const begun = (isFirst: boolean) =>
    active.flatMap(rule =>
      rule.judges === 'host' && (rule.first ?? false) === isFirst
        ? [{ rule, check: rule.begin(context) }]
        : [],
    );
  const hostChecks = begun(false);
  const unitRules = active.filter(rule => rule.judges !== 'host');
  // For a folder of units it is not known whose units they are or which configurations they read.
  const asksForRoutes = inventory.host.reach !== 'units';
  const told = new Set<string>();
  const remember = (findings: readonly Finding[]) => {
    for (const { source } of findings) if (source !== null) told.add(`${source.file}:${source.line}`);
  };
  // A finding says more about a text that cannot be read than a note does.
  const limits = () =>
    takeLimits(inventory.host).filter(
      ({ source, limit: { of } }) =>
        (of !== 'syntax' && of !== 'value') || !told.has(`${source.file}:${source.line}`),
    );
  const suppressionsByUnit = new Map<string, readonly Suppression[]>();
  const foundAtOnce = begun(true).flatMap(({ rule, check }) =>
    [...check.faults()].map(fault => toFinding(rule, fault.unit, fault, policy)),
  );
  yield { ...ofHost, ...sorted(foundAtOnce, policy, () => []), limits: [], isLast: false };
  for await (const batch of unitsInBatches(inventory, names, policy)) {
    for (const rule of unitRules) {
      for (const { unit, found } of batch) {
        for (const fault of bounded(faultsOf(rule, unit, context)))
          found.push(toFinding(rule, unit.name, changeable(fault, unit), policy));
      }
    }
    for (const { check: hostCheck } of hostChecks) for (const { unit } of batch) hostCheck.see(unit);
    for (const { found } of batch) remember(found);
    for (const { unit, suppressions, found } of batch) {
      if (asksForRoutes) {
        const { program, known } = unit.service ?? {};
        if (program !== undefined) reader.see(unit.unit.id, program, known);
      }
      if (suppressions.length > 0) suppressionsByUnit.set(unit.name, suppressions);
      yield {
        unit,
        ...sorted(found, policy, () => suppressions),
        unknownSuppressions: suppressions.filter(({ rule }) => !ruleIds.has(rule)),
        limits: limits(),
        isLast: false,
      };
    }
  }
  const judgements = [
    ...hostChecks.map(({ rule, check: hostCheck }) => ({ rule, faults: hostCheck.faults() })),
    ...unitRules.flatMap(rule =>
      rule.judges === 'service' && rule.beside !== undefined ? [{ rule, faults: rule.beside(context) }] : [],
    ),
  ];
  const found = judgements.flatMap(({ rule, faults }) =>
    bounded(faults, ({ unit }) => unit).map(fault => toFinding(rule, fault.unit, fault, policy)),
  );
  remember(found);
  yield {
    ...ofHost,
    ...sorted(found, policy, name => suppressionsByUnit.get(name) ?? []),
    limits: limits(),
    isLast: true,
  };
}

/**
 * What keeps services from starting, of what a whole check would say of each: this asks few rules, and nothing but the service and what it
 * reads. What somebody has accepted is left out.
 */
export function keptDownBy(
  entry: ServiceEntry,
  inventory: Inventory,
  policy: CheckPolicy,
): readonly Finding[] {
  const unitPolicy = policy.units.get(entry.service.unit.name) ?? defaultUnitPolicy;
  const unit = checkedUnit(entry, unitPolicy, inventory);
  const found = allRules.flatMap(rule => {
    if (rule.judges === 'host' || rule.keepsDown !== true) return [];
    if (policy.rules.get(rule.id) === 'off' || !isMet(rule.needs, inventory.host)) return [];
    return bounded(faultsOf(rule, unit, { inventory }))
      .filter(({ severity = rule.severity }) => severity === 'critical')
      .map(fault => toFinding(rule, unit.name, fault, policy));
  });
  return sorted(found, policy, () => suppressionsOf(unit.unit, inventory.loader)).findings;
}

const ofHost = { unit: undefined, unknownSuppressions: [] };

interface UnitInBatch {
  readonly unit: CheckedUnit;
  readonly suppressions: readonly Suppression[];
  readonly found: Finding[];
}

/**
 * Groups the units into batches. Each rule looks at all units of a batch before the next rule does: the code of a rule
 * then stays in the processor's caches, which saves a quarter of the time of the whole check.
 */
async function* unitsInBatches(
  inventory: Inventory,
  names: readonly string[],
  policy: CheckPolicy,
): AsyncIterable<readonly UnitInBatch[]> {
  let batch: UnitInBatch[] = [];
  for await (const entry of inventory.services(names)) {
    const unitPolicy = policy.units.get(entry.service.unit.name) ?? defaultUnitPolicy;
    const unit = checkedUnit(entry, unitPolicy, inventory);
    batch.push({ unit, suppressions: suppressionsOf(unit.unit, inventory.loader), found: [] });
    if (batch.length < batchSize) continue;
    yield batch;
    batch = [];
  }
  yield batch;
}

/** Units in a batch. More of them need more memory and save no time. */
const batchSize = 32;

function includesAll(names: readonly string[], wanted: readonly string[]): boolean {
  const given = new Set(names);
  return wanted.every(name => given.has(name));
}

const ruleIds: ReadonlySet<string> = new Set(allRules.map(rule => rule.id));

/** Whether enough is known about the host for a rule that has this need. */
function isMet(need: Need, host: Host): boolean {
  if (need === 'manager') return host.manager !== undefined;
  if (need === 'user-manager') return host.userManager !== undefined;
  return needs.indexOf(need) <= needs.indexOf(host.reach);
}

const needs = ['units', 'home', 'machine'] as const satisfies readonly Need[];

function faultsOf(
  rule: UnitRule<RuleId, object> | ServiceRule<RuleId, object>,
  unit: CheckedUnit,
  context: CheckContext,
): Iterable<Fault<object>> {
  if (rule.judges === 'unit') return rule.check(unit, context);
  if (unit.service === undefined) return [];
  if (rule.ofMainProcess === true && unit.entry.background !== undefined) return [];
  return rule.check(unit.service, context);
}

/**
 * The first faults of a rule; the last of these carries the number of the faults that are left out. A unit can repeat a
 * fault a million times, and so can a configuration that it reads.
 *
 * @param unitOf returns the unit that a fault is about, for faults about several units
 */
function bounded<F extends Fault<object>>(
  faults: Iterable<F>,
  unitOf: (fault: F) => string | null = () => null,
): readonly F[] {
  const told: F[] = [];
  const units = new Map<string | null, { count: number; last: number; more: number }>();
  for (const fault of faults) {
    const unit = unitOf(fault);
    const ofUnit = units.get(unit) ?? { count: 0, last: 0, more: 0 };
    units.set(unit, ofUnit);
    if (ofUnit.count < mostOfARule) {
      ofUnit.count += 1;
      ofUnit.last = told.push(fault) - 1;
    } else ofUnit.more += 1 + (fault.alike ?? 0);
  }
  const moreBehind = new Map([...units.values()].map(({ last, more }) => [last, more]));
  return told.map((fault, index) => {
    const more = moreBehind.get(index) ?? 0;
    return more === 0 ? fault : { ...fault, alike: (fault.alike ?? 0) + more };
  });
}

/** What is written for one connection is of no use to the next. */
function changeable<F extends Fault<object>>(fault: F, { entry }: CheckedUnit): F {
  return fault.changes.length > 0 && entry.isOfConnection ? { ...fault, changes: [] } : fault;
}

/** The most faults of one rule that are told for one unit. */
const mostOfARule = 50;

function toFinding(
  rule: Rule<RuleId, object>,
  unit: string | null,
  fault: Fault<object>,
  policy: CheckPolicy,
): Finding {
  const { source, details, changes, alike } = fault;
  const severity = severityOf(rule, fault, unit === null ? undefined : policy.units.get(unit), policy);
  const more = alike === undefined ? {} : { alike };
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- a rule's faults carry the details of that rule
  return { rule: rule.id, severity, unit, source, details, changes, ...more } as Finding;
}

function severityOf(
  rule: Rule<RuleId, object>,
  fault: Fault<object>,
  unit: UnitPolicy | undefined,
  policy: CheckPolicy,
): Severity {
  const wanted = policy.rules.get(rule.id);
  if (wanted !== undefined && wanted !== 'off') return wanted;
  const severity = fault.severity ?? rule.severity;
  return severity === 'critical' && unit?.critical === false ? 'warning' : severity;
}

/** Separates the findings that count from those that the user has accepted, and sorts both. */
function sorted(
  found: readonly Finding[],
  policy: CheckPolicy,
  suppressionsFor: (unit: string) => readonly Suppression[],
): Pick<CheckResult, 'findings' | 'suppressed'> {
  const findings: Finding[] = [];
  const suppressed: SuppressedFinding[] = [];
  for (const finding of found.toSorted(byWeight)) {
    const accepted = acceptanceOf(finding, policy, suppressionsFor(finding.unit ?? ''));
    if (accepted === undefined) findings.push(finding);
    else suppressed.push(accepted);
  }
  return { findings, suppressed };
}

function acceptanceOf(
  finding: Finding,
  policy: CheckPolicy,
  suppressions: readonly Suppression[],
): SuppressedFinding | undefined {
  const acceptance = acceptanceIn(policy.units.get(finding.unit ?? ''), suppressions, finding.rule);
  return acceptance && { finding, ...acceptance };
}
