/** Plans for `daruma failover plan`, `apply` and the other side of `apply --to`, with failures in words. */
import { type FailoverPlan, FailoverRefused, isThere, planFailover } from '../failover/plan.ts';
import type { Catalogue } from '../i18n/catalogue.ts';
import { readSecret } from '../secrets/secret.ts';
import { badInput } from './failure.ts';
import type { Environment } from './io.ts';
import type { OpenPicture } from './open-picture.ts';

/**
 * @param keyOf reads the key that stands at a reference
 * @throws Failure
 */
export async function planOrFail(
  { picture, target }: OpenPicture,
  keyOf: (reference: string) => string | undefined,
  { failover }: Catalogue,
): Promise<FailoverPlan> {
  if (!picture.gateways.some(isThere)) {
    throw badInput('no-openclaw', failover.noGateway, undefined, failover.gatewaySought);
  }
  try {
    return await planFailover(picture, keyOf, target.inventory.host);
  } catch (error) {
    if (!(error instanceof FailoverRefused)) throw error;
    const { reason } = error;
    throw badInput(
      `openclaw-${reason.code}`,
      failover.refused(reason),
      reason.file,
      failover.refusedHint(reason.code),
    );
  }
}

/** Keys are this machine's to know; of an unpacked one they are not looked for. */
export function keyReader(
  { target }: OpenPicture,
  environment: Environment,
): (reference: string) => string | undefined {
  const isLive = target.inventory.host.kind === 'live';
  return reference => (isLive ? readSecret(reference, environment) : undefined);
}
