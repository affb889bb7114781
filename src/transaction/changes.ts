/** The changes to a host as data: files, and steps beside them. `fix/`, `new-unit/`, `notify/` and `failover/` make them. */
import type { FileState } from '../systemd/host/overlay-files.ts';

/** Something to do that is not the writing of a file. */
export type Step =
  /** `links`: the links that this step creates. */
  | { readonly kind: 'enable' | 'reenable'; readonly unit: string; readonly links: readonly string[] }
  | { readonly kind: 'enable-linger'; readonly user: string }
  | { readonly kind: 'start' | 'stop' | 'reload'; readonly unit: string }
  | { readonly kind: 'daemon-reload' };

/** Changes in the order in which they are made: files, then steps, then the files of `late`. */
export interface Changes {
  /** The new state of each file, by its path on the host. */
  readonly files: ReadonlyMap<string, FileState>;
  /**
   * Those of the files that lead to a service which the steps start: they are written when it is up, and restored before it is
   * stopped.
   */
  readonly late?: ReadonlySet<string>;
  /** The state of each file when the changes were planned, by path. A file that has changed since is not overwritten. */
  readonly madeFrom?: ReadonlyMap<string, FileState>;
  readonly steps: readonly Step[];
}
