/**
 * Which files of keys OpenClaw does not take: it looks at them when it starts and when its configuration changes, and keeps what it
 * has in between.
 *
 * Source: docs.openclaw.ai/gateway/secrets; read: openclaw 2026.9.6, `readFileProviderPayload()`, and `readSecureFile()` of its
 * fs-safe, which also refuses hard links and files of more than 1 MiB.
 */
import type { Host } from '../systemd/host/host.ts';

/** `open`: others may read or write it; `foreign`: it belongs to another user. */
export type KeyFileFault = 'missing' | 'link' | 'no-file' | 'open' | 'foreign';

export interface KeyFileRefusal {
  readonly fault: KeyFileFault;
  /** Permission bits, as in `0o644`; 0 where there are none, or they are not known. */
  readonly mode: number;
}

/** @returns undefined when OpenClaw takes the file, as far as can be seen: a copy of a home has modes of its own, that of a machine owners */
export function keyFileRefusal(
  file: string,
  host: Pick<Host, 'files' | 'reach' | 'kind' | 'user'>,
): KeyFileRefusal | undefined {
  if (host.reach !== 'machine') return undefined;
  const status = statusOf(file, host.files);
  const fault = isLink(file, host.files) ? 'link' : faultOf(status, host);
  return fault && { fault, mode: status === undefined || status === 'unknown' ? 0 : status.mode };
}

function faultOf(
  status: ReturnType<typeof statusOf>,
  { kind, user }: Pick<Host, 'kind' | 'user'>,
): KeyFileFault | undefined {
  if (status === 'unknown') return undefined;
  if (status === undefined) return 'missing';
  if (status.kind !== 'file') return 'no-file';
  if ((status.mode & 0o066) !== 0) return 'open';
  const isForeign = user !== undefined && status.owner !== undefined && status.owner !== user.uid;
  return kind === 'live' && isForeign ? 'foreign' : undefined;
}

function isLink(file: string, files: Host['files']): boolean {
  try {
    files.readLink(file);
    return true;
  } catch {
    return false;
  }
}

function statusOf(file: string, files: Host['files']): ReturnType<Host['files']['status']> | 'unknown' {
  try {
    return files.status(file);
  } catch {
    return 'unknown';
  }
}
