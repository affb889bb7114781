/** Carries out a plan of `daruma failover` on this machine, after OpenClaw itself has accepted it. */
import type { AskedGateway } from '../failover/live/in-force.ts';
import { type JudgedGateway, openclawVerdicts } from '../failover/openclaw-verdict.ts';
import { type FailoverPlan, missingKey } from '../failover/plan.ts';
import { applyPreparedFix, prepareFix } from '../transaction/apply.ts';
import type { Catalogue } from '../i18n/catalogue.ts';
import { readPicture } from '../routes/read-picture.ts';
import { badInput, Failure } from './failure.ts';
import { expectFree, withFixFailures } from './fix-failure.ts';
import type { HostOptions } from './options.ts';
import type { Run } from './io.ts';
import type { OpenPicture } from './open-picture.ts';
import { journalFor } from './state.ts';

/** @throws Failure for a configuration that OpenClaw refuses */
export async function expectAccepted(
  planned: FailoverPlan,
  { target: { inventory } }: OpenPicture,
  { environment, catalogue: { failover } }: Run,
): Promise<readonly JudgedGateway[]> {
  const judged = await openclawVerdicts(planned, inventory, environment);
  for (const { gateway, verdict, validation } of judged) {
    if (verdict.kind !== 'rejected') continue;
    const { file: where } = gateway.gateway;
    throw new Failure(3, 'openclaw-rejects', failover.rejected(where, verdict.said), {
      where,
      hint: failover.rejectedHint(validation),
    });
  }
  return judged;
}

/**
 * Checks that all keys exist, on a running machine.
 *
 * @throws Failure for a missing key
 */
export function expectKeys(
  planned: FailoverPlan,
  { target: { inventory } }: OpenPicture,
  { failover }: Catalogue,
): void {
  const missing = inventory.host.kind === 'live' ? missingKey(planned) : undefined;
  if (missing === undefined) return;
  throw badInput('no-key', failover.note(missing), missing.file, failover.giveKey);
}

/** @returns the id of the record for an undo; undefined when there was nothing to do */
export async function carryOutFailover(
  { plan }: FailoverPlan,
  { target: { inventory } }: OpenPicture,
  options: HostOptions,
  run: Run,
): Promise<string | undefined> {
  const { host } = inventory;
  const journal = journalFor(host, run);
  await expectFree(journal, options, run.catalogue);
  if (plan.files.size + plan.steps.length === 0) return undefined;
  const { id, isRecorded } = await withFixFailures(options, run.catalogue, async () =>
    applyPreparedFix(
      prepareFix(plan, { units: [], restarted: plan.restarts }, host),
      host,
      journal,
      new Date(),
    ),
  );
  return isRecorded ? id : undefined;
}

/** The gateways of a plan as their files are now, with the providers that lead to the other machines. */
export async function askedAfterwards(
  { gateways }: FailoverPlan,
  { picture, target: { inventory } }: OpenPicture,
): Promise<readonly AskedGateway[]> {
  const planned = gateways.filter(({ providers }) => providers.length > 0);
  if (inventory.host.kind !== 'live' || planned.length === 0) return [];
  const after = await readPicture(inventory, picture.nodes);
  return planned.map(({ gateway, providers }) => ({
    gateway: after.gateways.find(({ file }) => file === gateway.file) ?? gateway,
    providers,
  }));
}
