/** What is to become of a host: files, and what is done beside writing them. Whoever plans something makes these. */
import type { FileState } from '../systemd/host/overlay-files.ts';

/** What is done beside writing files. */
export type Step =
  /** `links`: those that come to be. */
  | { readonly kind: 'enable' | 'reenable'; readonly unit: string; readonly links: readonly string[] }
  | { readonly kind: 'enable-linger'; readonly user: string }
  | { readonly kind: 'start' | 'stop'; readonly unit: string }
  | { readonly kind: 'daemon-reload' };

/** What is to be done, in the order of doing it: files, then steps. */
export interface Changes {
  /** Files as they will be, by path as the host sees it. */
  readonly files: ReadonlyMap<string, FileState>;
  /** What stood there when the changes were planned, by path; what has been changed since is not overwritten. */
  readonly madeFrom?: ReadonlyMap<string, FileState>;
  readonly steps: readonly Step[];
}
