/** Makes the plan for `daruma failover plan`, `apply` and `receive`, and turns its errors into failures. */
import { type FailoverPlan, FailoverRefused, hasConfiguration, planFailover } from '../failover/plan.ts';
import type { FrontPlan } from '../failover/front/plan.ts';
import { openclawTextFor } from '../failover/openclaw-verdict.ts';
import { readSecret } from '../secrets/secret.ts';
import { badInput } from './failure.ts';
import type { Environment, Run } from './io.ts';
import type { OpenPicture } from './open-picture.ts';
import { journalFor } from './state.ts';

/**
 * @param keyOf reads the key that a reference names
 * @throws Failure
 */
export async function planOrFail(
  { picture, target }: OpenPicture,
  keyOf: (reference: string) => string | undefined,
  run: Run,
  front?: FrontPlan,
): Promise<FailoverPlan> {
  const {
    environment,
    catalogue: { failover },
  } = run;
  const { host } = target.inventory;
  if (!picture.gateways.some(hasConfiguration)) {
    throw badInput('no-openclaw', failover.noGateway, undefined, failover.gatewaySought);
  }
  try {
    return await planFailover(picture, keyOf, host, journalFor(host, run), front);
  } catch (error) {
    if (!(error instanceof FailoverRefused)) throw error;
    const { reason } = error;
    const gateway = picture.gateways.find(({ config }) => config.files.includes(reason.file));
    throw badInput(
      `openclaw-${reason.code}`,
      failover.refused(reason),
      reason.file,
      failover.refusedHint(
        reason.code,
        await openclawTextFor(gateway?.unit ?? null, ['config', 'validate'], target.inventory, environment),
      ),
    );
  }
}

/** Reads keys on a live machine. For an unpacked machine no keys are read. */
export function keyReader(
  { target }: OpenPicture,
  environment: Environment,
): (reference: string) => string | undefined {
  const { kind, inherited } = target.inventory.host;
  return reference => (kind === 'live' ? readSecret(reference, environment, inherited) : undefined);
}
