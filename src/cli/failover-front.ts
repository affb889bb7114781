/** Makes the front's part of a plan of `daruma failover`, and turns its errors into failures. */
import { findHaproxy, type Haproxy, objectionTo, oldestHaproxy } from '../failover/front/haproxy.ts';
import { type FrontPlan, type NoFront, planFront } from '../failover/front/plan.ts';
import { askFront } from '../failover/front/statistics.ts';
import { UnwritableValue } from '../failover/dotenv.ts';
import { type Answering, askLiveliness } from '../failover/standing.ts';
import type { Proxy } from '../routes/picture.ts';
import { haproxyFront } from '../services/front.ts';
import { openLinks } from './failover-links.ts';
import type { Context } from './context.ts';
import { badInput, Failure } from './failure.ts';
import { expectNodes, type OpenPicture } from './open-picture.ts';
import type { FailoverOptions } from './options.ts';

/** A planned front, and the HAProxy that is to run it. */
export interface PlannedFront {
  readonly plan: FrontPlan;
  readonly haproxy: Haproxy;
}

/**
 * The front that the user asks for, or that is there already, on the running machine.
 *
 * @returns undefined without one
 * @throws Failure
 */
export async function frontOrFail(
  { picture, target }: OpenPicture,
  keyOf: (reference: string) => string | undefined,
  options: FailoverOptions,
  context: Context,
): Promise<PlannedFront | undefined> {
  const { catalogue, environment } = context;
  const { front: texts } = catalogue.failover;
  const { host } = target.inventory;
  const isThere = host.kind === 'live' && host.scope === 'user' && picture.proxies.some(isFront);
  if (options.front !== true && !isThere) return undefined;
  const node = expectNodes(picture, catalogue);
  const haproxy = await findHaproxy(environment);
  if (haproxy === undefined) throw badInput('no-haproxy', texts.noHaproxy, undefined, texts.getHaproxy);
  if (!haproxy.isNewEnough) {
    const message = texts.oldHaproxy(haproxy.version, oldestHaproxy);
    throw badInput('old-haproxy', message, haproxy.path, texts.getNewer(oldestHaproxy));
  }
  const { links, environments } = await openLinks(picture, target.inventory, context);
  try {
    const plan = planFront({ ...picture, node }, host, {
      haproxy: haproxy.path,
      askedWith: links.flatMap(({ proxy, key }) => (key.kind === 'known' ? { proxy, key: key.value } : [])),
      keyOf,
      now: isThere ? await askFront(host) : undefined,
      authorities: [
        ...new Set(
          [...environments.values()].flatMap(({ variable }) => variable('NODE_EXTRA_CA_CERTS') || []),
        ),
      ],
      texts: texts.units,
    });
    if (!('refused' in plan)) return { plan, haproxy };
    throw refusal(plan.refused, context);
  } catch (error) {
    if (!(error instanceof UnwritableValue)) throw error;
    throw badInput('front-key', texts.unwritableKey, undefined, catalogue.failover.giveKey);
  }
}

function refusal(reason: NoFront, { catalogue: { failover } }: Context): Failure {
  const { message, hint } = failover.front.refused(reason);
  return badInput(reason.code, message, undefined, hint);
}

/** @throws Failure for a configuration that HAProxy refuses */
export async function expectTaken(
  front: PlannedFront | undefined,
  { catalogue: { failover }, environment }: Context,
): Promise<void> {
  if (front === undefined) return;
  const { configuration, notes } = front.plan;
  const said = await objectionTo(configuration, front.haproxy, environment);
  if (said === undefined) return;
  const where = configuration.files.at(-1)?.file;
  const isEdited = notes.some(({ code }) => code === 'edited');
  throw new Failure(3, 'haproxy-rejects', failover.front.rejected(said), {
    where,
    hint: failover.front.rejectedHint(isEdited),
  });
}

/** What came of a question through the front, after it was set up. */
export function askThrough({ plan }: PlannedFront): Promise<Answering> {
  return askLiveliness(plan.url);
}

function isFront({ service }: Proxy): boolean {
  return service === haproxyFront.id;
}
