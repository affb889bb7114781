import {
  type BrokenFile,
  brokenFiles,
  type CommandDirective,
  isNeededToStart,
} from '../../services/executables.ts';
import { haproxyFront } from '../../services/front.ts';
import type { Fault, ServiceRule } from '../rule.ts';
import { shellWord } from '../shell-syntax.ts';
import { isMissingHaproxy } from './failover-front.ts';
import { type VersionManager, versionManagerOf } from '../version-managers.ts';

export interface ExecMissing {
  readonly directive: CommandDirective;
  readonly path: string;
  readonly role: BrokenFile['role'];
  /** The script whose first line names a missing interpreter. */
  readonly script: string | null;
  /** The version manager in whose folder the path lies: an update has then deleted the folder. */
  readonly versionManager: VersionManager | null;
}

/** A command whose program, interpreter or script does not exist: it fails whenever it is run. */
export const execMissing: ServiceRule<'exec-missing', ExecMissing> = {
  id: 'exec-missing',
  severity: 'warning',
  worst: 'critical',
  needs: 'machine',
  judges: 'service',
  *check(service, context): Iterable<Fault<ExecMissing>> {
    for (const file of brokenFiles(service, context.inventory.host)) {
      if (file.problem !== 'missing') continue;
      const { directive, command, path, role, script = null } = file;
      // `shell-syntax` says it; of a front `failover-front`.
      if (role === 'program' && shellWord(path) !== undefined) continue;
      if (service.known?.service.id === haproxyFront.id && isMissingHaproxy(file)) continue;
      const versionManager = versionManagerOf(path)?.manager ?? null;
      yield {
        source: command.source,
        ...(isNeededToStart(file) && { severity: 'critical' as const }),
        details: { directive, path, role, script, versionManager },
        changes: [],
      };
    }
  },
};
