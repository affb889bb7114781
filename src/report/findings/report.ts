/** The interface of all formats of findings: a stream of results in, a stream of text out. */
import type { CheckResult } from '../../check/engine.ts';
import type { Catalogue, CheckCounts } from '../../i18n/catalogue.ts';
import type { Inventory } from '../../inventory/inventory.ts';
import type { Viewpoint } from '../place.ts';
import type { Terminal } from '../terminal.ts';

/** A result and its host. */
export interface HostResult {
  readonly result: CheckResult;
  readonly inventory: Inventory;
}

export interface FindingsOptions {
  readonly catalogue: Catalogue;
  readonly terminal: Terminal;
  readonly viewpoint: Viewpoint;
  /** Whether to show accepted findings, too. */
  readonly verbose: boolean;
  /** Version of daruma. */
  readonly version: string;
  /** Numbers of units and findings; complete after the last result. */
  readonly counts: CheckCounts;
  /** For programs: `managerDown` of the first host, as in `daruma status --json`. */
  readonly managerDown: object | null;
}

/** Makes text of results as they arrive. */
export type FindingsReport = (
  results: AsyncIterable<HostResult>,
  options: FindingsOptions,
) => AsyncIterable<string>;
