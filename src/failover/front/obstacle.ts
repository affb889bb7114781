/** What HAProxy has against the front of this machine as it is set up. `check` cannot say it, since it runs no programs. */
import path from 'node:path';
import { secretValuesOf } from '../../check/secret-files.ts';
import type { Inventory } from '../../inventory/inventory.ts';
import type { Picture } from '../../routes/picture.ts';
import { withoutValues } from '../../secrets/redaction.ts';
import { frontFilesOf, isFront } from '../../services/front.ts';
import { managerRuntimeFolder } from '../../systemd/search-path.ts';
import { findHaproxy, judged } from './haproxy.ts';
import { type FrontNow, isChangedSince } from './statistics.ts';
import { runtimeFolder } from './units.ts';

export type FrontObstacle =
  /** `version`: null where it says none. */
  | { readonly code: 'too-old'; readonly version: string | null }
  /** `said`: why it does not take the configuration, without keys. */
  | { readonly code: 'rejected'; readonly said: string };

/**
 * Asks HAProxy about a front that does not answer, or of which a file was changed since HAProxy read it.
 *
 * @param now what the front says of itself
 * @param own environment of daruma
 */
export async function obstacleOf(
  { proxies }: Picture,
  now: FrontNow | undefined,
  inventory: Inventory,
  own: NodeJS.ProcessEnv,
): Promise<FrontObstacle | undefined> {
  const { host } = inventory;
  const unit = proxies.find(isFront)?.unit;
  const runtime = managerRuntimeFolder(host.scope, host.environment);
  if (unit === undefined || unit === null || runtime === undefined) return undefined;
  const entry = inventory.service(unit);
  const files = entry.program === undefined ? [] : frontFilesOf(entry.program);
  if (now !== undefined && !files.some(file => isChangedSince(file, now, host))) return undefined;
  const haproxy = await findHaproxy(own);
  // That it is not there is said by the rule `failover-front`.
  if (haproxy === undefined) return undefined;
  if (!haproxy.isNewEnough) return { code: 'too-old', version: haproxy.version ?? null };
  const said = await judged(haproxy.path, files, path.join(runtime, runtimeFolder), own);
  return said === undefined
    ? undefined
    : { code: 'rejected', said: withoutValues(said, secretValuesOf(entry, host)) };
}
