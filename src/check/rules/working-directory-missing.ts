import { brokenWorkingDirectory } from '../../services/working-directory.ts';
import type { Fault, ServiceRule } from '../rule.ts';

export interface WorkingDirectoryMissing {
  readonly path: string;
  /** Whether the path exists but is no directory. */
  readonly isFile: boolean;
}

/** A missing working directory makes every command of the service fail with 200/CHDIR. */
export const workingDirectoryMissing: ServiceRule<'working-directory-missing', WorkingDirectoryMissing> = {
  id: 'working-directory-missing',
  severity: 'critical',
  needs: 'machine',
  judges: 'service',
  *check({ unit }, { inventory }): Iterable<Fault<WorkingDirectoryMissing>> {
    const broken = brokenWorkingDirectory(unit, inventory.host);
    if (broken === undefined || broken.problem === 'unreadable') return;
    const { path, problem, source } = broken;
    yield { source, details: { path, isFile: problem === 'no-directory' }, changes: [] };
  },
};
