/** What the user's configuration says about rules and units. */
import type { Node } from '../routes/node.ts';
import type { SecretFile } from '../secrets/secret-places.ts';
import type { Severity } from './severity.ts';

export interface CheckPolicy {
  /** Severities that replace the rules' own, by rule id; `off` silences a rule. */
  readonly rules: ReadonlyMap<string, Severity | 'off'>;
  /** Policies of units, by the full name of the unit. */
  readonly units: ReadonlyMap<string, UnitPolicy>;
  /** The machines that stand in for each other. */
  readonly nodes: readonly Node[];
  /** Whether any channel for notifications is configured. */
  readonly hasChannels: boolean;
  /** The files with secrets that this configuration names, itself among them where it contains one. */
  readonly secretFiles: readonly SecretFile[];
}

export interface UnitPolicy {
  /** False for a service that may be down for a while: nothing about it is critical. */
  readonly critical: boolean;
  /** Whether something regularly probes if the service still answers. */
  readonly isProbed: boolean;
  /** The rules that are not to report the unit, by id, each with the user's reason. */
  readonly ignored: ReadonlyMap<string, string>;
}

/** The policy of a unit that the configuration does not mention. */
export const defaultUnitPolicy: UnitPolicy = { critical: true, isProbed: false, ignored: new Map() };

export const defaultPolicy: CheckPolicy = {
  rules: new Map(),
  units: new Map(),
  nodes: [],
  hasChannels: false,
  secretFiles: [],
};
