/** What the user has said about rules and units beforehand. */
import type { Node } from '../routes/node.ts';
import type { Severity } from './severity.ts';

export interface CheckPolicy {
  /** By rule id: severities in place of the rules' own; `off` silences a rule. */
  readonly rules: ReadonlyMap<string, Severity | 'off'>;
  /** By full name. */
  readonly units: ReadonlyMap<string, UnitPolicy>;
  /** The machines that answer for each other. */
  readonly nodes: readonly Node[];
}

export interface UnitPolicy {
  /** False: a service that may be down for a while; nothing about it is critical. */
  readonly critical: boolean;
  /** Something asks it regularly whether it still answers. */
  readonly isProbed: boolean;
  /** Rules that are not to report it, by id, each with the reason given. */
  readonly ignored: ReadonlyMap<string, string>;
}

/** Where nothing was said. */
export const defaultUnitPolicy: UnitPolicy = { critical: true, isProbed: false, ignored: new Map() };

export const defaultPolicy: CheckPolicy = { rules: new Map(), units: new Map(), nodes: [] };
