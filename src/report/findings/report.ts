/** What every form of the findings is made of: results in, text out, piece by piece, however many there are. */
import type { CheckResult } from '../../check/engine.ts';
import type { Catalogue, CheckCounts } from '../../i18n/catalogue.ts';
import type { Inventory } from '../../inventory/inventory.ts';
import type { Viewpoint } from '../place.ts';
import type { Terminal } from '../terminal.ts';

export const findingsFormats = ['human', 'json', 'sarif', 'github', 'markdown'] as const;
export type FindingsFormat = (typeof findingsFormats)[number];

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

/** Loads the report of a format: a run needs only one of them. */
export async function loadReport(format: FindingsFormat): Promise<FindingsReport> {
  switch (format) {
    case 'human':
      return (await import('./human.ts')).humanReport;
    case 'json':
      return (await import('./json.ts')).jsonReport;
    case 'sarif':
      return (await import('./sarif.ts')).sarifReport;
    case 'github':
      return (await import('./github.ts')).githubReport;
    case 'markdown':
      return (await import('./markdown.ts')).markdownReport;
    default:
      return format satisfies never;
  }
}
