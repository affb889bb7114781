/** What a language has to say about configuration files. */
import type { ConfigurationFault } from '../config/problem.ts';
import type { PolicyNote } from '../config/host-policy.ts';

export interface ConfigurationTexts {
  /** What is wrong at a place of the file; without a full stop. */
  fault(fault: ConfigurationFault): string;
  /** What may be written there, where nothing comes near to what was. */
  knownHere(keys: string): string;
  /** Headline over the list of what is wrong. */
  problems(file: string, count: number): string;
  note(note: PolicyNote): string;
  readonly defaultValue: string;
  line(line: number): string;
  noFile(places: string): string;
  /** @param isNamed whether somebody has said that it is this file */
  notThere(file: string, isNamed: boolean): string;
  /** A folder of units is nobody's machine. */
  readonly nowhere: string;
  valid(file: string): string;
}
