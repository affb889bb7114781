/** The interface of the texts about configuration files. */
import type { ConfigurationFault } from '../config/problem.ts';
import type { PolicyNote } from '../config/host-policy.ts';

export interface ConfigurationTexts {
  /** A fault of the file; without a full stop. */
  fault(fault: ConfigurationFault): string;
  /** The allowed keys, when none is similar to the written one. */
  knownHere(keys: string): string;
  /** Headline above the list of problems. */
  problems(file: string, count: number): string;
  note(note: PolicyNote): string;
  /** Headings above the values that the file sets, and above those that it leaves. */
  readonly ownValues: string;
  readonly defaultValues: string;
  line(line: number): string;
  noFile(places: string): string;
  /** @param isNamed whether the user named the file */
  notThere(file: string, isNamed: boolean): string;
  /** A bare folder of units has no configuration. */
  readonly nowhere: string;
  valid(file: string): string;
}
