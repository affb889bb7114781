import { commandDirectives, type CommandDirective } from '../../services/executables.ts';
import type { ExecCommand } from '../../systemd/service-settings.ts';
import { lookUp } from '../../services/named-paths.ts';
import type { Fault, ServiceRule } from '../rule.ts';
import { type VersionedPath, type VersionManager, versionManagerOf } from '../version-managers.ts';

export interface ExecVersionManagerPath {
  readonly directive: CommandDirective;
  readonly manager: VersionManager;
  /** The folder of that version. */
  readonly folder: string;
}

/** A command whose path leads through the folder of one version, which is deleted together with that version. */
export const execVersionManagerPath: ServiceRule<'exec-version-manager-path', ExecVersionManagerPath> = {
  id: 'exec-version-manager-path',
  severity: 'warning',
  needs: 'units',
  judges: 'service',
  *check({ settings }, { inventory }): Iterable<Fault<ExecVersionManagerPath>> {
    const { host } = inventory;
    const seen = new Set<string>();
    for (const directive of commandDirectives) {
      for (const command of settings[directive].value) {
        for (const { manager, folder } of versionedPaths(command)) {
          // A deleted folder is reported by `exec-missing`.
          const isGone = host.reach === 'machine' && lookUp(host, folder) === 'missing';
          if (seen.has(folder) || isGone) continue;
          seen.add(folder);
          yield { source: command.source, details: { directive, manager, folder }, changes: [] };
        }
      }
    }
  },
};

function versionedPaths({ path, argv }: ExecCommand): readonly VersionedPath[] {
  return [path, ...argv]
    .filter(word => word.startsWith('/'))
    .map(word => versionManagerOf(word))
    .filter(versioned => versioned !== undefined);
}
