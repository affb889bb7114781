import { brokenEnvironmentFiles } from '../../services/environment-files.ts';
import type { Fault, ServiceRule } from '../rule.ts';

export interface EnvironmentFileMissing {
  /** The path at which systemd looks for the file; may be a pattern. */
  readonly path: string;
  readonly isPattern: boolean;
}

/** A missing environment file makes the start fail before any process is started. */
export const environmentFileMissing: ServiceRule<'environment-file-missing', EnvironmentFileMissing> = {
  id: 'environment-file-missing',
  severity: 'critical',
  needs: 'machine',
  judges: 'service',
  *check({ unit }, { inventory }): Iterable<Fault<EnvironmentFileMissing>> {
    for (const { source, path, isPattern, problem } of brokenEnvironmentFiles(unit, inventory.host)) {
      if (problem === 'missing') yield { source, details: { path, isPattern }, changes: [] };
    }
  },
};
