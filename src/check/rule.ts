/** What a rule is: it looks at a service, at a unit that may not even load, or at a host with all its services. */
import type { Inventory } from '../inventory/inventory.ts';
import type { Picture } from '../routes/picture.ts';
import type { Source } from '../systemd/service-settings.ts';
import type { CheckedUnit, LoadedService } from './checked-unit.ts';
import type { Severity } from './severity.ts';

/** In the order of the reference. */
export const ruleGroups = [
  'restart',
  'hang',
  'session',
  'hooks',
  'secrets',
  'command',
  'ports',
  'file',
  'memory',
  'failover',
] as const;
export type RuleGroup = (typeof ruleGroups)[number];

/**
 * How much must be known for a rule to speak. `units`: the unit files alone; `home`: whose they are and how they are
 * enabled, too; `machine`: also the programs and files around them; `manager`: a running manager.
 */
export type Need = 'units' | 'home' | 'machine' | 'manager';

interface RuleBase<Id extends string> {
  readonly id: Id;
  /** Unless a fault says otherwise. */
  readonly severity: Severity;
  /** The most that a fault of it may be; left out where that is its own severity. */
  readonly worst?: Severity;
  readonly needs: Need;
}

/** Judges services that systemd loads. */
export interface ServiceRule<Id extends string, D extends object> extends RuleBase<Id> {
  readonly judges: 'service';
  check(service: LoadedService, context: CheckContext): Iterable<Fault<D>>;
}

/** Judges unit files, loaded or not. */
export interface UnitRule<Id extends string, D extends object> extends RuleBase<Id> {
  readonly judges: 'unit';
  check(unit: CheckedUnit, context: CheckContext): Iterable<Fault<D>>;
}

/** Judges what several services or the host itself make up. */
export interface HostRule<Id extends string, D extends object> extends RuleBase<Id> {
  readonly judges: 'host';
  /** Begins a round; of each service it keeps only what it needs, for there may be a hundred thousand. */
  begin(context: HostContext): HostCheck<D>;
}

interface HostCheck<D extends object> {
  see(unit: CheckedUnit): void;
  /** After all services have been seen. */
  faults(): Iterable<Fault<D> & { readonly unit: string | null }>;
}

export type Rule<Id extends string, D extends object> =
  | ServiceRule<Id, D>
  | UnitRule<Id, D>
  | HostRule<Id, D>;

/** Names in one finding: there may be thousands, in each of thousands of findings. */
export const mostNamed = 20;

/** What is wrong, as data; words are made elsewhere. */
export interface Fault<D extends object> {
  /** The line at fault, or nearest to it; null where there is none, such as a default of systemd's. */
  readonly source: Source | null;
  /** In place of the rule's own. */
  readonly severity?: Severity;
  readonly details: D;
  /** What would put it right without a person having to think; empty where one must. */
  readonly changes: readonly Change[];
  /** How many more of its kind there are in the file, which are counted and not told; left out where there are none. */
  readonly alike?: number;
}

/** One reversible step that puts something right. */
export type Change =
  /**
   * A setting in a drop-in of the unit. Each value is a line of its own; an empty one resets a list, or takes a scalar
   * back to its default. Dependencies (`After=`, `Wants=` ...) cannot be taken back by a drop-in: those are a
   * person's to edit, and no change.
   */
  | {
      readonly kind: 'set';
      readonly unit: string;
      readonly section: 'Unit' | 'Service' | 'Install';
      readonly key: string;
      readonly values: readonly string[];
    }
  | { readonly kind: 'enable' | 'restart'; readonly unit: string }
  /** `probe: auto` for the unit in daruma's configuration. */
  | { readonly kind: 'probe'; readonly unit: string }
  /** Enabled for `target` in place of what [Install] says. */
  | { readonly kind: 'enable-for'; readonly unit: string; readonly target: string }
  | { readonly kind: 'enable-linger'; readonly user: string }
  | { readonly kind: 'daemon-reload' }
  /** Permission bits, as in `0o600`. */
  | { readonly kind: 'mode'; readonly path: string; readonly mode: number };

/** What rules may ask besides the service itself. */
export interface CheckContext {
  /** The host, its files, its unit loader, systemd's version. */
  readonly inventory: Inventory;
}

/** What rules about the host may ask besides. */
export interface HostContext extends CheckContext {
  /** Who asks whom for an answer; known when all services have been seen. */
  routes(): Routes;
}

export interface Routes {
  readonly own: Picture;
  /** The machines that are looked at together with this one. */
  readonly others: readonly Picture[];
}
