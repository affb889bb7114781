/** Makes a plan of `daruma failover` true on this machine, once OpenClaw itself has taken it. */
import { openclawVerdict, type Verdict } from '../failover/openclaw-verdict.ts';
import type { FailoverPlan, PlannedGateway } from '../failover/plan.ts';
import { applyDraft, draftOf } from '../fix/apply.ts';
import type { Catalogue } from '../i18n/catalogue.ts';
import { badInput, Failure } from './failure.ts';
import { withFixFailures } from './fix-failure.ts';
import type { HostOptions } from './options.ts';
import type { Run } from './io.ts';
import type { OpenPicture } from './open-picture.ts';
import { openJournal } from './state.ts';

export interface JudgedGateway {
  readonly gateway: PlannedGateway;
  readonly verdict: Verdict;
}

/**
 * Has OpenClaw look at each configuration that would change. Of an unpacked machine nothing is run.
 *
 * @throws Failure for one that it does not take
 */
export async function judge(
  { gateways }: FailoverPlan,
  { target: { inventory } }: OpenPicture,
  { environment, catalogue: { failover } }: Run,
): Promise<readonly JudgedGateway[]> {
  const judged: JudgedGateway[] = [];
  for (const gateway of gateways.filter(({ isChanged }) => isChanged)) {
    const { file } = gateway.gateway;
    const verdict: Verdict =
      inventory.host.kind === 'live'
        ? await openclawVerdict(gateway, inventory, environment)
        : { kind: 'not-asked' };
    if (verdict.kind === 'rejected') {
      throw new Failure(3, 'openclaw-rejects', failover.rejected(file, verdict.said), {
        where: file,
        hint: failover.rejectedHint,
      });
    }
    judged.push({ gateway, verdict });
  }
  return judged;
}

/**
 * On a running machine each key has to be there: a provider without one is refused, and only when it is needed.
 *
 * @throws Failure for one that is missing
 */
export function expectKeys(
  { gateways }: FailoverPlan,
  { target: { inventory } }: OpenPicture,
  { failover }: Catalogue,
): void {
  if (inventory.host.kind !== 'live') return;
  const missing = gateways.flatMap(({ notes }) => notes).find(({ code }) => code === 'no-key');
  if (missing === undefined) return;
  throw badInput('no-key', failover.note(missing), missing.file, failover.giveKey);
}

/** @returns the record that an undo takes back; undefined where there was nothing to do */
export async function carryOutFailover(
  { plan }: FailoverPlan,
  { target: { inventory } }: OpenPicture,
  options: HostOptions,
  run: Run,
): Promise<string | undefined> {
  if (plan.files.size === 0) return undefined;
  const { host } = inventory;
  const journal = openJournal(host, run);
  const { id } = await withFixFailures(options, run.catalogue, async () =>
    applyDraft(draftOf(plan, [], host), host, journal, new Date()),
  );
  return id;
}
