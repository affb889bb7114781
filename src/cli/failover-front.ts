/** Makes the front's part of a plan of `daruma failover`, and turns its errors into failures. */
import { findHaproxy, type Haproxy, objectionTo, oldestHaproxy } from '../failover/front/haproxy.ts';
import { localLitellm, portOfAnother } from '../failover/front/place.ts';
import {
  type FrontNote,
  type FrontOptions,
  type FrontPlan,
  type NoFront,
  outdatedFiles,
  planFront,
} from '../failover/front/plan.ts';
import { askFront } from '../failover/front/statistics.ts';
import { UnwritableValue } from '../failover/dotenv.ts';
import { askLink, usualLimits } from '../failover/live/ask-link.ts';
import type { Link } from '../failover/live/link.ts';
import { linksBehindFront } from '../failover/live/links-of.ts';
import { trustedAuthorities } from '../http/trust.ts';
import { type Answering, askLiveliness, keepsAway } from '../failover/standing.ts';
import { isAnything, watchedUnits } from '../check/hooked-services.ts';
import { movesCommand } from '../notify/sign-script.ts';
import { spoolFolder } from '../notify/spool.ts';
import { stateFolder } from '../store/state-folder.ts';
import type { Host } from '../systemd/host/host.ts';
import { frontMovesSocket, frontSocket } from '../systemd/own-units.ts';
import { statesOf } from '../systemd/host/states.ts';
import { ownUnitFolder } from '../systemd/search-path.ts';
import type { Catalogue } from '../i18n/catalogue.ts';
import type { Picture } from '../routes/picture.ts';
import { isFront } from '../services/front.ts';
import { type OpenedLinks, openLinks } from './failover-links.ts';
import type { Context } from './context.ts';
import { badInput, Failure } from './failure.ts';
import { expectNodes, type OpenPicture } from './open-picture.ts';
import type { FailoverOptions } from './options.ts';

/** A planned front, and the HAProxy that is to run it. */
export interface PlannedFront {
  readonly plan: FrontPlan;
  readonly haproxy: Haproxy;
}

/** Whether there is to be a front; where nobody has said so and there cannot be one, what stands in its way. */
export interface FrontChoice {
  readonly front: PlannedFront | undefined;
  readonly obstacle?: Failure;
}

/**
 * The front of the running machine: one that the user asks for, one that is there already, and without a word of the user one that there
 * can be.
 *
 * @throws Failure where the user asks for one, or one is there, that cannot be planned
 */
export async function chooseFront(
  open: OpenPicture,
  keyOf: (reference: string) => string | undefined,
  options: FailoverOptions,
  context: Context,
): Promise<FrontChoice> {
  const { picture, target } = open;
  const { host } = target.inventory;
  if (options.front === false) return { front: undefined };
  const isOfUser = host.kind === 'live' && host.scope === 'user';
  const isThere = isOfUser && picture.proxies.some(isFront);
  if (options.front === true || isThere) return { front: await frontOrFail(open, isThere, keyOf, context) };
  const local = localLitellm(picture);
  const hasLitellm = !('refused' in local) || local.refused.code !== 'no-litellm';
  // A front is a service of the user's own manager.
  if (!isOfUser || host.manager === undefined || !hasLitellm) return { front: undefined };
  try {
    return { front: await frontOrFail(open, isThere, keyOf, context) };
  } catch (error) {
    if (error instanceof Failure) return { front: undefined, obstacle: error };
    throw error;
  }
}

/** @throws Failure */
async function frontOrFail(
  { picture, target }: OpenPicture,
  isThere: boolean,
  keyOf: (reference: string) => string | undefined,
  context: Context,
): Promise<PlannedFront> {
  const { catalogue, environment } = context;
  const { front: texts } = catalogue.failover;
  const { host } = target.inventory;
  const node = expectNodes(picture, catalogue);
  const taken = isThere ? await portOfAnother(picture, host) : undefined;
  if (taken !== undefined)
    throw badInput('front-port-taken', texts.portTaken(taken), undefined, texts.freePort(taken));
  const haproxy = await findHaproxy(environment);
  if (haproxy === undefined) throw badInput('no-haproxy', texts.noHaproxy, undefined, texts.getHaproxy);
  if (!haproxy.isNewEnough) {
    const message = texts.oldHaproxy(haproxy.version, oldestHaproxy);
    throw badInput('old-haproxy', message, haproxy.path, texts.getNewer(oldestHaproxy));
  }
  const opened = await openLinks(picture, target.inventory, context);
  const { links } = opened;
  try {
    const found = {
      haproxy: haproxy.path,
      isSocketOn: (await statesOf([frontSocket], host.manager)).get(frontSocket)?.activeState === 'active',
      now: isThere ? await askFront(host) : undefined,
    };
    const plan = planFront({ ...picture, node }, host, frontOptions(opened, found, keyOf, context));
    if ('refused' in plan) throw refusal(plan.refused, context);
    const ofOthers = await notesOnOthers(links, picture, plan.local);
    return { plan: { ...plan, notes: [...plan.notes, ...ofOthers] }, haproxy };
  } catch (error) {
    if (!(error instanceof UnwritableValue)) throw error;
    throw badInput('front-key', texts.unwritableKey, undefined, catalogue.failover.giveKey);
  }
}

function frontOptions(
  { links, environments, inventory: { host } }: OpenedLinks,
  found: Pick<FrontOptions, 'haproxy' | 'isSocketOn' | 'now'>,
  keyOf: FrontOptions['keyOf'],
  { environment, catalogue }: Context,
): FrontOptions {
  const authorities = [...environments.values()].flatMap(
    ({ variable }) => variable('NODE_EXTRA_CA_CERTS') || [],
  );
  return {
    ...found,
    askedWith: links.flatMap(({ proxy, key }) => (key.kind === 'known' ? { proxy, key: key.value } : [])),
    keyOf,
    authorities: [...new Set(authorities)],
    movesCommand: movesCommandFor(host, environment),
    texts: catalogue.failover.front.units,
  };
}

/** The files of a front that is there which `apply` would change: a machine has another name or another key under `nodes`, say. */
export function outdatedFrontFiles(
  opened: OpenedLinks,
  keyOf: FrontOptions['keyOf'],
  context: Context,
): readonly string[] {
  const { picture, inventory } = opened;
  const { node } = picture;
  if (node === undefined || !picture.proxies.some(isFront)) return [];
  try {
    const options = frontOptions(opened, { haproxy: '', isSocketOn: false, now: undefined }, keyOf, context);
    const plan = planFront({ ...picture, node }, inventory.host, options);
    return 'refused' in plan ? [] : outdatedFiles(plan, inventory.host);
  } catch (error) {
    if (error instanceof UnwritableValue) return [];
    throw error;
  }
}

/** Which of the other machines cannot stand in now, and which models the others do not have under the names that agents ask for. */
async function notesOnOthers(
  links: readonly Link[],
  picture: Picture,
  local: string,
): Promise<readonly FrontNote[]> {
  const trusted = trustedAuthorities();
  const asked = linksBehindFront(links, picture, local);
  const reports = await Promise.all(asked.map(link => askLink(link, trusted, usualLimits, 'use')));
  return reports.flatMap(({ link: { name: node }, faults }) =>
    faults
      .filter(keepsAway)
      .map(fault =>
        fault.code === 'model-missing'
          ? { code: fault.code, node, model: fault.model }
          : { code: 'no-stand-in', node, fault },
      ),
  );
}

/** Where signs are taken from: without hooks nobody takes any. A front that tells goes on doing so. */
function movesCommandFor(host: Host, environment: Context['environment']): FrontOptions['movesCommand'] {
  const units = ownUnitFolder(host.scope, host.environment);
  const folder = stateFolder(host, environment);
  if (units === undefined || folder === undefined) return undefined;
  const isWanted = watchedUnits(host).length > 0 || isAnything(`${units}/${frontMovesSocket}`, host);
  return isWanted ? places => movesCommand(spoolFolder(folder), places) : undefined;
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

/** Why there is no front, where nobody has said that there is to be none. */
export function obstacleText(
  { obstacle }: FrontChoice,
  { failover, punctuation }: Catalogue,
): string | undefined {
  if (obstacle === undefined) return undefined;
  const { message, hint } = obstacle;
  return failover.front.noFront(message) + (hint === undefined ? '' : punctuation.aside(hint));
}
