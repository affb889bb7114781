/** The formats of findings. */
import type { FindingsReport } from './report.ts';

export const findingsFormats = ['human', 'json', 'sarif', 'github', 'markdown'] as const;
export type FindingsFormat = (typeof findingsFormats)[number];

/** Loads the report of one format, since a run needs only one. */
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
