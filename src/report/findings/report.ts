/** What every form of the findings is made of: results in, text out, piece by piece, however many there are. */
import type { CheckResult } from '../../check/engine.ts';
import type { Catalogue, CheckCounts } from '../../i18n/catalogue.ts';
import type { Inventory } from '../../inventory/inventory.ts';
import type { Viewpoint } from '../place.ts';
import type { Terminal } from '../terminal.ts';

/** A result and the host it is from. */
export interface HostResult {
  readonly result: CheckResult;
  readonly inventory: Inventory;
}

export interface FindingsOptions {
  readonly catalogue: Catalogue;
  readonly terminal: Terminal;
  readonly viewpoint: Viewpoint;
  /** Also what somebody has accepted. */
  readonly verbose: boolean;
  /** daruma's own version. */
  readonly version: string;
  /** What was looked at and found; complete once the last result has been taken. */
  readonly counts: CheckCounts;
}

/** Makes text of results while they come in. */
export type FindingsReport = (
  results: AsyncIterable<HostResult>,
  options: FindingsOptions,
) => AsyncIterable<string>;
