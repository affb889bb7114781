/** What a rule is: it judges a service, a unit that may fail to load, or a host with all its services. */
import type { Inventory } from '../inventory/inventory.ts';
import type { Picture } from '../routes/picture.ts';
import type { Source } from '../systemd/service-settings.ts';
import type { CheckedUnit, LoadedService } from './checked-unit.ts';
import type { SecretFile } from '../secrets/secret-places.ts';
import type { Severity } from './severity.ts';

/** The groups in the order of the rule reference. */
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
 * How much must be known about a host for a rule to judge it. `units`: the unit files; `home`: also whose they are and
 * how they are enabled; `machine`: also the programs and files around them; `manager`: also the running manager; `user-manager`: instead, how the
 * system manager says that the user's own is.
 */
export type Need = 'units' | 'home' | 'machine' | 'manager' | 'user-manager';

interface RuleBase<Id extends string> {
  readonly id: Id;
  /** The severity of a fault that states none itself. */
  readonly severity: Severity;
  /** The worst severity that a fault of the rule can have; left out when that is `severity`. */
  readonly worst?: Severity;
  readonly needs: Need;
  /** Whether no start succeeds with a critical fault of it, so that `status` names it where the service is down. */
  readonly keepsDown?: true;
}

/** Judges services that systemd loads. */
export interface ServiceRule<Id extends string, D extends object> extends RuleBase<Id> {
  readonly judges: 'service';
  /**
   * Whether it takes the main process for the service. It is not asked about a service whose command only puts something
   * into the background: what it advises would restart that command for ever.
   */
  readonly ofMainProcess?: true;
  check(service: LoadedService, context: CheckContext): Iterable<Fault<D>>;
  /** Judges what runs beside the programs of services: in containers. Called once, when all services have been seen. */
  beside?(context: HostContext): Iterable<Fault<D> & { readonly unit: string | null }>;
}

/** Judges unit files, loaded or not. */
export interface UnitRule<Id extends string, D extends object> extends RuleBase<Id> {
  readonly judges: 'unit';
  check(unit: CheckedUnit, context: CheckContext): Iterable<Fault<D>>;
}

/** Judges several services together, or the host itself. */
export interface HostRule<Id extends string, D extends object> extends RuleBase<Id> {
  readonly judges: 'host';
  /** Its faults stand before those of units: what is down now comes first. It sees no unit. */
  readonly first?: true;
  /** Begins a check. Of each service it keeps only what it needs, since there may be a hundred thousand services. */
  begin(context: HostContext): HostCheck<D>;
}

interface HostCheck<D extends object> {
  see(unit: CheckedUnit): void;
  /** The faults; called once all services have been seen. */
  faults(): Iterable<Fault<D> & { readonly unit: string | null }>;
}

export type Rule<Id extends string, D extends object> =
  | ServiceRule<Id, D>
  | UnitRule<Id, D>
  | HostRule<Id, D>;

/** The most names in one finding: there may be thousands of them, in each of thousands of findings. */
export const mostNamed = 20;

/** What is wrong, as data; the catalogues of `i18n/` make the words. */
export interface Fault<D extends object> {
  /** The line that is wrong, or the nearest one; null when there is none, as for a default of systemd. */
  readonly source: Source | null;
  /** The severity of this fault, in place of that of the rule. */
  readonly severity?: Severity;
  readonly details: D;
  /** The changes that correct the fault without a decision of a person; empty when a person must decide. */
  readonly changes: readonly Change[];
  /** How many more faults of this kind the file has, which are counted and not reported; left out when there are none. */
  readonly alike?: number;
}

/** One reversible step that corrects something. */
export type Change =
  /**
   * A setting in a drop-in of the unit. Each value becomes a line; an empty value resets a list, or resets a scalar to
   * its default. A drop-in cannot remove dependencies (`After=`, `Wants=` ...): only a person can edit those, and no
   * change does.
   */
  | {
      readonly kind: 'set';
      readonly unit: string;
      readonly section: 'Unit' | 'Service' | 'Install';
      readonly key: string;
      readonly values: readonly string[];
    }
  | { readonly kind: 'enable' | 'restart' | 'start'; readonly unit: string }
  /** `probe: auto` for the unit in daruma's configuration. */
  | { readonly kind: 'probe'; readonly unit: string }
  /** The unit is enabled for `target` in place of the target in [Install]. */
  | { readonly kind: 'enable-for'; readonly unit: string; readonly target: string }
  | { readonly kind: 'enable-linger'; readonly user: string }
  | { readonly kind: 'daemon-reload' }
  /** Permission bits, as in `0o600`. */
  | { readonly kind: 'mode'; readonly path: string; readonly mode: number };

/** What rules may read besides the service itself. */
export interface CheckContext {
  /** The host, its files, its unit loader, systemd's version. */
  readonly inventory: Inventory;
}

/** What rules about the host may read in addition. */
export interface HostContext extends CheckContext {
  /** Who asks whom for an answer; known once all services have been seen. */
  routes(): Routes;
  /** Whether any unit is checked. */
  readonly hasUnits: boolean;
  /** Whether any channel for notifications is configured. */
  readonly hasChannels: boolean;
  /** The files with secrets that the user's configuration names, itself among them where it contains one. */
  readonly secretFiles: readonly SecretFile[];
}

export interface Routes {
  readonly own: Picture;
  /** The pictures of the machines that are checked together with this one. */
  readonly others: readonly Picture[];
}
