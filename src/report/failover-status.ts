/** `daruma failover status`: shows who is alive, who would be next, and what is missing, for people and programs. */
import path from 'node:path';
import { isReadWhole } from '../services/config-problem.ts';
import type { Finding } from '../check/finding.ts';
import { otherNodes, reachesTwo } from '../check/routes.ts';
import type { FailoverLoop } from '../check/rules/failover-loop.ts';
import {
  type Answering,
  type Answers,
  type ChainLink,
  chainOf,
  nobodyAsked,
  notAsked,
} from '../failover/standing.ts';
import type { Catalogue } from '../i18n/catalogue.ts';
import type { FailoverTexts } from '../i18n/failover-texts.ts';
import type { FrontPlaceNow } from '../i18n/front-texts.ts';
import type { Destination, Gateway, Picture, Proxy } from '../routes/picture.ts';
import { isFront } from '../services/front.ts';
import { oldestHaproxy } from '../failover/front/haproxy.ts';
import { type FrontNow, isChangedSince } from '../failover/front/statistics.ts';
import { shellText } from '../programs/command.ts';
import { unitCommand } from '../systemd/commands.ts';
import type { Host } from '../systemd/host/host.ts';
import { isCertain, isTurn, type ModelChain } from '../services/openclaw-models.ts';
import { withoutSecrets } from '../secrets/redaction.ts';
import { findingWords } from './findings/words.ts';
import { shownPath, type Viewpoint, sourceToJson } from './place.ts';
import { printable } from './printable.ts';
import { marksOf, padTo, paint, type Style, type Terminal, wrapParts, wrapText } from './terminal.ts';
import { widthOf } from './width.ts';
import { shortLocation } from './words.ts';

/** The data that is shown. */
export interface FailoverStanding {
  readonly picture: Picture;
  readonly answers: Answers;
  /** Findings of the rule group Failover. */
  readonly findings: readonly Finding[];
  readonly host: Host;
}

/** The picture as text; every line ends with a newline. */
export function renderFailoverStatus(
  standing: FailoverStanding,
  catalogue: Catalogue,
  terminal: Terminal,
  viewpoint: Viewpoint,
): string {
  const {
    failover,
    punctuation: { aside },
  } = catalogue;
  const { picture, host } = standing;
  const { node, nodes, hostName } = picture;
  const lead = [
    paint(terminal, 'strong', printable(hostName)),
    ...(node === undefined || node.name === hostName ? [] : [printable(failover.thisMachine(node.name))]),
    ...(host.kind === 'live'
      ? []
      : [
          catalogue.status.filesOnly + aside(`${markOf(notAsked, terminal)} ${failover.answering(notAsked)}`),
        ]),
  ];
  const advice = adviceOn(picture, catalogue);
  const within = otherNodes(picture).length === 0 ? [] : chainsWithin(picture, catalogue, terminal);
  const staying = within.filter(({ isKnown }) => isKnown).map(({ name }) => name);
  const blocks = [
    wrapParts(terminal, lead, undefined, [0, 2]),
    ...(advice === undefined
      ? []
      : [paint(terminal, 'unsure', wrapText(terminal, printable(advice), [0, 2]))]),
    ...picture.gateways.map(gateway => gatewayBlock(gateway, standing, catalogue, terminal, viewpoint)),
    ...(nodes.length === 0 ? [] : [machinesBlock(standing, catalogue, terminal)]),
    ...(nodes.length > 0 || picture.proxies.length === 0
      ? []
      : [proxyLines(standing, catalogue, terminal).join('\n')]),
    // An incomplete picture must not be reported as complete.
    ...(standing.findings.length === 0 &&
    (advice !== undefined ||
      !isWhole(picture) ||
      within.length > 0 ||
      hasFaults(standing, catalogue, terminal))
      ? []
      : [missingBlock(standing, catalogue, terminal)]),
    ...(staying.length === 0 || standing.findings.length > 0
      ? []
      : [paint(terminal, 'unsure', wrapText(terminal, printable(failover.staying(staying)), [0, 2]))]),
    ...(picture.gateways.length + picture.proxies.length === 0
      ? []
      : [
          [...(host.kind === 'live' ? [failover.notProven] : []), failover.limits]
            .map(text => paint(terminal, 'dim', wrapText(terminal, text, [0, 0])))
            .join('\n'),
        ]),
  ];
  return `${blocks.join('\n\n')}\n`;
}

/** Whether all configurations that the picture names were read completely, and it is known which models they mean. */
function isWhole({ gateways, proxies }: Picture): boolean {
  return (
    gateways.every(
      gateway =>
        unreadOf(gateway) === undefined &&
        gateway.agents.length > 0 &&
        [...gateway.agents, ...gateway.settings].every(
          ({ primary, unclear }) => primary !== undefined && unclear.length === 0,
        ),
    ) && proxies.every(({ isComplete }) => isComplete)
  );
}

/** Whether something was seen to be wrong with a provider, be it in the files or on the way to it. */
function hasFaults(
  { picture, answers }: FailoverStanding,
  catalogue: Catalogue,
  terminal: Terminal,
): boolean {
  return picture.gateways.some(gateway =>
    namedChains(gateway, catalogue, terminal).some(({ models }) =>
      chainOf(models, gateway, answers).some(
        ({ answering: { kind } }) => kind === 'faulty' || kind === 'unclear',
      ),
    ),
  );
}

/** Chains that do not leave the machine on which they begin, as far as is known, and whether all of each is. */
function chainsWithin(
  picture: Picture,
  catalogue: Catalogue,
  terminal: Terminal,
): readonly { readonly name: string; readonly isKnown: boolean }[] {
  return picture.gateways.flatMap(gateway =>
    namedChains(gateway, catalogue, terminal)
      .filter(({ models }) => !reachesTwo(models, gateway, picture))
      .map(({ name, models }) => ({ name, isKnown: isCertain(models) && leadsToKnown(models, gateway) })),
  );
}

function leadsToKnown(models: ModelChain, gateway: Gateway): boolean {
  return chainOf(models, gateway, nobodyAsked).every(({ leadsTo }) => leadsTo.kind !== 'unknown');
}

/** Advice on what makes the picture incomplete. */
function adviceOn(
  { gateways, nodes, node, hostName }: Picture,
  { failover, punctuation }: Catalogue,
): string | undefined {
  const { aside, list } = punctuation;
  if (gateways.length === 0) return failover.noGateway + aside(failover.gatewaySought);
  if (nodes.length === 0) return failover.noNodes + aside(failover.addNodes);
  if (node !== undefined) return undefined;
  return failover.notANode(hostName) + aside(failover.nodesAre(nodes.map(({ name }) => name).join(list)));
}

function gatewayBlock(
  gateway: Gateway,
  standing: FailoverStanding,
  catalogue: Catalogue,
  terminal: Terminal,
  viewpoint: Viewpoint,
): string {
  const { failover } = catalogue;
  const { answers, host } = standing;
  const head = [
    paint(terminal, 'strong', printable(shownPath(gateway.file, host, viewpoint))),
    ...(gateway.unit === null ? [] : [printable(gateway.unit)]),
    ...(gateway.unit !== null && answers.downGateways.has(gateway.unit)
      ? [paint(terminal, 'bad', failover.gatewayDown)]
      : []),
  ];
  const named = namedChains(gateway, catalogue, terminal);
  const chains = named.slice(0, mostAgents).map(({ name, models }) => {
    const chain = chainOf(models, gateway, answers);
    const shown = chain.filter(({ role }, index) => index < mostLinks || role !== null);
    return { name, models, chain, shown };
  });
  const width = Math.max(0, ...chains.flatMap(({ shown }) => shown.map(link => widthOf(referenceOf(link)))));
  const lines = chains.flatMap(({ name, models, chain, shown }) => [
    `  ${printable(name)}`,
    ...(chain.length === 0 ? [`    ${paint(terminal, 'bad', failover.noModel)}`] : []),
    ...shown.map(link => linkLine(link, standing, width, catalogue, terminal)),
    ...models.unclear
      .slice(0, mostLinks)
      .map(({ written, reason }) =>
        wrapText(terminal, paint(terminal, 'unsure', printable(failover.unclear(written, reason))), [4, 6]),
      ),
    ...countLines(chain.length - shown.length, 4, catalogue),
    // What is not understood may answer.
    ...(isCertain(models) ? verdictLines(chain, catalogue, terminal) : []),
  ]);
  const more = countLines(named.length - chains.length, 2, catalogue);
  const refused = refusedKeyLines(gateway, standing, catalogue, terminal, viewpoint);
  const unread = unreadOf(gateway);
  const fact =
    unread !== undefined ? failover.unread[unread] : named.length === 0 ? failover.noModels : undefined;
  const none = fact === undefined ? [] : [wrapText(terminal, fact, [2, 4])];
  return [wrapParts(terminal, head, undefined, [0, 2]), ...none, ...lines, ...more, ...refused].join('\n');
}

/** What to do about the keys that are refused, for each provider once. */
function refusedKeyLines(
  { unit }: Gateway,
  { answers, host }: FailoverStanding,
  { failover, punctuation }: Catalogue,
  terminal: Terminal,
  viewpoint: Viewpoint,
): readonly string[] {
  const places = new Map(
    answers.providers.flatMap(({ link: { kind, name, unit: of, key }, faults }) => {
      const isRefused = faults.some(({ code }) => code === 'key-refused');
      if (!isRefused || kind !== 'provider' || of !== unit) return [];
      const files = key.kind === 'known' ? key.files.map(({ file }) => shownPath(file, host, viewpoint)) : [];
      return [[name, files.length === 0 ? [`models.providers.${name}.apiKey`] : files] as const];
    }),
  );
  return [...places].map(([provider, at]) =>
    wrapText(
      terminal,
      `${marksOf(terminal).arrow} ${printable(failover.keyRefused(provider, at.join(punctuation.list)))}`,
      [2, 4],
    ),
  );
}

/** Why not all agents of a configuration are known; undefined when it was read completely. */
function unreadOf({ state, problems, config }: Gateway): keyof FailoverTexts['unread'] | undefined {
  if (state !== 'read') return state;
  if (config.root === undefined) return 'unusable';
  return isReadWhole(problems) ? undefined : 'incomplete';
}

/** The most models of a chain, besides those that answer, and the most agents that are shown. */
const mostLinks = 20;
const mostAgents = 50;

/** A line with the number of items that are not shown. */
function countLines(count: number, indent: number, catalogue: Catalogue): readonly string[] {
  return count === 0 ? [] : [' '.repeat(indent) + catalogue.alike(count).trim()];
}

interface NamedChain {
  readonly name: string;
  readonly models: ModelChain;
}

/** The chains of agents, then those of subagents and heartbeats where a setting names models for them. */
function namedChains(
  { agents, settings }: Gateway,
  { failover }: Catalogue,
  terminal: Terminal,
): readonly NamedChain[] {
  return [
    ...agents.map(models => ({ name: models.id ?? failover.defaults, models })),
    ...settings.filter(isTurn).map(models => ({
      name: [models.agent ?? failover.defaults, failover.turns[models.use]].join(
        ` ${marksOf(terminal).separator} `,
      ),
      models,
    })),
  ];
}

function referenceOf({ provider, model }: Pick<ChainLink, 'provider' | 'model'>): string {
  return printable(`${provider}/${model}`);
}

function linkLine(
  link: ChainLink,
  standing: FailoverStanding,
  width: number,
  { failover }: Catalogue,
  terminal: Terminal,
): string {
  const { leadsTo, answering, role } = link;
  const roles = { now: failover.aliveNow, next: failover.next } as const;
  const parts = [
    ...(role === null ? [] : [paint(terminal, role === 'now' ? 'good' : 'note', roles[role])]),
    ...reachedAt(leadsTo, standing),
    ...(answering.kind === 'not-asked' ? [] : [printable(failover.answering(answering))]),
  ];
  const reference = padTo(referenceOf(link), Math.min(width, widestReference));
  const text = `${markOf(answering, terminal)} ${reference}  ${parts.join(` ${marksOf(terminal).separator} `)}`;
  return wrapText(terminal, text.trimEnd(), [4, 8]);
}

const widestReference = 40;

/** Which model would answer next, and what keeps OpenClaw from asking it. */
function verdictLines(
  chain: readonly ChainLink[],
  { failover }: Catalogue,
  terminal: Terminal,
): readonly string[] {
  const now = chain.findIndex(({ role }) => role === 'now');
  const alive = chain[now];
  // What comes last has nothing after it to fall back to.
  const hanging = chain.slice(0, now === -1 ? -1 : now).find(hangs);
  // If models of the chain were not asked, nothing is certain, unless there is no other model.
  const isCertainly = chain.length === 1 || !chain.some(isOpen);
  const next =
    chain.length === 0 || !isCertainly || chain.some(({ role }) => role === 'next')
      ? []
      : alive !== undefined && now > 0
        ? [failover.onlyOne(referenceOf(alive))]
        : [alive !== undefined || chain.some(isOpen) ? failover.noNext : failover.nobody];
  const verdicts = [...(hanging === undefined ? [] : [failover.noFallback(referenceOf(hanging))]), ...next];
  return verdicts.map(verdict =>
    wrapText(terminal, paint(terminal, 'bad', `${marksOf(terminal).arrow} ${verdict}`), [4, 6]),
  );
}

/** OpenClaw does not fall back from what takes its request and says nothing (run: openclaw 2026.9.6). */
function hangs({ answering }: ChainLink): boolean {
  return answering.kind === 'faulty' && answering.fault.code === 'hangs';
}

/** Whether it is not known that it is alive, nor that it does not answer: a server may take requests without a key. */
function isOpen({ answering }: ChainLink): boolean {
  const { kind } = answering;
  return (
    kind === 'not-asked' ||
    kind === 'unclear' ||
    (kind === 'faulty' && answering.fault.code === 'key-missing')
  );
}

/** The place of a provider: of a service that is not what listens on its port, the port alone. */
function reachedAt(leadsTo: Destination, { answers, picture }: FailoverStanding): readonly string[] {
  const kind = leadsTo.kind === 'proxy' ? answers.proxies.get(leadsTo.name)?.kind : undefined;
  if (kind !== 'not-running' && kind !== 'other-port') return placeOf(leadsTo);
  const proxy = picture.proxies.find(({ name }) => leadsTo.kind === 'proxy' && name === leadsTo.name);
  return proxy?.port === undefined ? [] : placeOf({ kind: 'own-port', port: proxy.port });
}

function placeOf(leadsTo: Destination): readonly string[] {
  switch (leadsTo.kind) {
    case 'proxy':
      return [printable(leadsTo.name)];
    case 'own-port':
      return [`:${leadsTo.port}`];
    case 'node':
      return [printable(leadsTo.node)];
    case 'elsewhere':
      return [printable(leadsTo.host)];
    case 'unknown':
      return [];
    default:
      return leadsTo satisfies never;
  }
}

function machinesBlock(standing: FailoverStanding, catalogue: Catalogue, terminal: Terminal): string {
  const { failover } = catalogue;
  const { picture, answers } = standing;
  const lines = picture.nodes.flatMap(node => {
    const answering = answers.nodes.get(node.name) ?? notAsked;
    const isOwn = node === picture.node;
    const parts = [
      paint(terminal, 'strong', printable(node.name)),
      ...(isOwn ? [failover.own] : []),
      printable(withoutSecrets(node.url)),
      ...(answering.kind === 'not-asked' ? [] : [printable(failover.answering(answering))]),
    ];
    const text = `${markOf(answering, terminal)} ${parts.join(` ${marksOf(terminal).separator} `)}`;
    return [wrapText(terminal, text, [2, 6]), ...(isOwn ? proxyLines(standing, catalogue, terminal) : [])];
  });
  const isOwnShown = picture.node !== undefined;
  const own = isOwnShown ? [] : proxyLines(standing, catalogue, terminal);
  return [paint(terminal, 'strong', failover.machines), ...lines, ...own].join('\n');
}

/** The proxies of this machine, each with its deployments. */
function proxyLines(
  standing: FailoverStanding,
  { failover, punctuation }: Catalogue,
  terminal: Terminal,
): readonly string[] {
  const { picture, answers } = standing;
  return picture.proxies.map(proxy => {
    const answering = answers.proxies.get(proxy.name) ?? notAsked;
    const behind = [...new Set(proxy.deployments.flatMap(({ leadsTo }) => placeOf(leadsTo)))];
    const name = `${printable(proxy.name)}${portText(proxy)}`;
    const way =
      behind.length === 0 ? name : `${name} ${marksOf(terminal).arrow} ${behind.join(punctuation.list)}`;
    const parts = [
      way,
      ...(answering.kind === 'not-asked' ? [] : [printable(failover.answering(answering))]),
      ...(proxy.container === undefined ? [] : [failover.inContainer(shortLocation(proxy.container.source))]),
      ...(proxy.isComplete ? [] : [failover.notAllKnown]),
    ];
    const text = `${markOf(answering, terminal)} ${parts.join(` ${marksOf(terminal).separator} `)}`;
    const now =
      answers.front === undefined ? [] : frontLines(proxy, answers.front, standing, failover, terminal);
    return [
      wrapText(terminal, text, [4, 8]),
      ...now,
      ...hangingLines(proxy, answers, standing.host, failover, terminal),
      ...outdatedLines(proxy, answers, failover, terminal),
      ...obstacleLines(proxy, answers, failover, terminal),
      ...startLines(proxy, answers, standing.host, failover, terminal),
    ].join('\n');
  });
}

/** A front that takes requests and says nothing, not even of itself: HAProxy stands still. */
function hangingLines(
  proxy: Proxy,
  { front, proxies }: Answers,
  host: Host,
  { front: texts }: FailoverTexts,
  terminal: Terminal,
): readonly string[] {
  const answering = proxies.get(proxy.name);
  const isSilent = answering?.kind === 'silent' && answering.code === 'timeout';
  if (!isFront(proxy) || front !== undefined || !isSilent) return [];
  const text = texts.hangs(shellText(unitCommand(host.scope, 'restart', proxy.unit ?? '')));
  return [wrapText(terminal, `${marksOf(terminal).arrow} ${paint(terminal, 'bad', text)}`, [6, 8])];
}

/** What of a front is not as `nodes` and OpenClaw have it. */
function outdatedLines(
  proxy: Proxy,
  { frontOutdated: files = [] }: Answers,
  { front: texts }: FailoverTexts,
  terminal: Terminal,
): readonly string[] {
  if (!isFront(proxy) || files.length === 0) return [];
  const names = files.map(file => printable(path.posix.basename(file)));
  const text = paint(terminal, 'unsure', texts.outdated(names));
  return [wrapText(terminal, `${marksOf(terminal).arrow} ${text}`, [6, 8])];
}

/** What HAProxy has against a front. */
function obstacleLines(
  proxy: Proxy,
  { frontObstacle: obstacle }: Answers,
  { front: texts }: FailoverTexts,
  terminal: Terminal,
): readonly string[] {
  if (!isFront(proxy) || obstacle === undefined) return [];
  const line =
    obstacle.code === 'rejected'
      ? texts.rejected(printable(obstacle.said))
      : texts.oldHaproxy(obstacle.version ?? undefined, oldestHaproxy);
  return [wrapText(terminal, `${marksOf(terminal).arrow} ${paint(terminal, 'bad', line)}`, [6, 8])];
}

/** What starts a front that rests, with its socket: as long as that is there, a question starts it. */
function startLines(
  proxy: Proxy,
  { proxies, frontObstacle }: Answers,
  { scope }: Host,
  { front: texts }: FailoverTexts,
  terminal: Terminal,
): readonly string[] {
  const rests = proxies.get(proxy.name)?.kind === 'not-running';
  if (!isFront(proxy) || !rests || frontObstacle !== undefined || proxy.unit === null) return [];
  const command = shellText(unitCommand(scope, 'start', proxy.unit, { waits: true }));
  return [wrapText(terminal, `${marksOf(terminal).arrow} ${texts.startsAgain(command)}`, [6, 8])];
}

/** What a place of a front is called, and what HAProxy says of it; both have the same order. */
function frontPlaces(proxy: Proxy, { servers }: FrontNow): readonly FrontPlaceNow[] {
  const { deployments } = proxy;
  if (!isFront(proxy) || deployments.length !== servers.length) return [];
  return deployments.flatMap(({ leadsTo }, index) => {
    const server = servers[index];
    return server === undefined ? [] : { ...server, name: placeOf(leadsTo)[0] ?? '' };
  });
}

/** Who answers through a front, for how long, and how many requests went where. */
function frontLines(
  proxy: Proxy,
  now: FrontNow,
  { host }: FailoverStanding,
  { front: texts }: FailoverTexts,
  terminal: Terminal,
): readonly string[] {
  const places = frontPlaces(proxy, now);
  if (places.length === 0) return [];
  const answering = places.find(({ isUp }) => isUp);
  const isLocal = answering === places[0];
  const counts = places.map(place => texts.requests(place)).join(` ${marksOf(terminal).separator} `);
  const lines = [
    paint(terminal, isLocal ? 'good' : 'unsure', texts.answering(answering, places[0])),
    texts.counted(now.forSeconds) + counts,
    ...places
      .slice(1)
      .filter(({ isUp }) => !isUp)
      .map(place =>
        paint(terminal, 'bad', texts.unfit({ ...place, said: place.said && printable(place.said) })),
      ),
    ...(isChangedSince(proxy.file, now, host)
      ? [paint(terminal, 'unsure', texts.notRead(printable(proxy.file ?? ''), reloadOf(proxy, host)))]
      : []),
  ];
  return lines.map(line => wrapText(terminal, `${marksOf(terminal).arrow} ${line}`, [6, 8]));
}

function reloadOf({ unit }: Proxy, { scope }: Host): string {
  return shellText(unitCommand(scope, 'reload', unit ?? ''));
}

function portText({ port }: Proxy): string {
  return port === undefined ? '' : ` :${port}`;
}

function missingBlock(
  { picture, findings, host }: FailoverStanding,
  catalogue: Catalogue,
  terminal: Terminal,
): string {
  const { failover } = catalogue;
  if (findings.length === 0) {
    const text = failover.nothingMissing(printable(picture.hostName), otherNodes(picture).length > 0);
    return paint(terminal, 'good', wrapText(terminal, text, [0, 2]));
  }
  const { arrow } = marksOf(terminal);
  const lines = findings.flatMap(finding => {
    const { message, remedy } = findingWords(finding, host, catalogue);
    const severity = paint(
      terminal,
      severityStyle[finding.severity],
      catalogue.check.severities[finding.severity],
    );
    const where = finding.source === null ? '' : catalogue.punctuation.aside(shortLocation(finding.source));
    return [
      wrapText(terminal, `${severity} ${message}${where} [${finding.rule}]`, [2, 4]),
      ...(finding.rule === 'failover-loop' ? circleLines(finding.details, terminal) : []),
      wrapText(terminal, `${arrow} ${remedy}`, [4, 6]),
    ];
  });
  return [paint(terminal, 'strong', failover.missing), ...lines].join('\n');
}

/** The stations of a circle, drawn as a circle. */
function circleLines(loop: FailoverLoop, terminal: Terminal): readonly string[] {
  if (loop.kind !== 'circle') return [];
  const { first, between, last, alone } = terminal.unicode ? unicodeCircle : asciiCircle;
  const end = loop.steps.length - 1;
  return loop.steps.map(({ machine, proxy, model }, index) => {
    const edge = end === 0 ? alone : index === 0 ? first : index === end ? last : between;
    return wrapText(terminal, `${edge} ${printable(`${machine} ${proxy}: ${model}`)}`, [4, 8]);
  });
}

const unicodeCircle = { first: '╭→', between: '│ ', last: '╰─', alone: '↻ ' } as const;
const asciiCircle = { first: '+>', between: '| ', last: '+-', alone: '@ ' } as const;

const severityStyle = { critical: 'bad', warning: 'unsure', info: 'note' } as const;

function markOf({ kind }: Answering, terminal: Terminal): string {
  const marks = marksOf(terminal);
  const [mark, style] = (
    {
      answers: [marks.up, 'good'],
      lists: [marks.up, 'good'],
      silent: [marks.down, 'bad'],
      faulty: [marks.down, 'bad'],
      'not-running': [marks.down, 'bad'],
      'other-port': [marks.down, 'bad'],
      unclear: [marks.unsure, 'unsure'],
      'not-asked': [marks.unsure, 'dim'],
    } as const satisfies Record<Answering['kind'], readonly [string, Style]>
  )[kind];
  return paint(terminal, style, mark);
}

/** The picture for programs. */
export function failoverStatusToJson(
  { picture, answers, findings, host }: FailoverStanding,
  catalogue: Catalogue,
): object {
  return {
    node: picture.node?.name ?? null,
    machines: picture.nodes.map(({ name, url }) => ({
      name,
      url: withoutSecrets(url),
      own: name === picture.node?.name,
      answering: answeringToJson(answers.nodes.get(name) ?? notAsked),
    })),
    gateways: picture.gateways.map(gateway => ({
      file: gateway.file,
      unit: gateway.unit,
      agents: gateway.agents.map(models => ({ agent: models.id, ...chainToJson(models, gateway, answers) })),
      settings: gateway.settings.filter(isTurn).map(models => ({
        setting: models.path.join('.'),
        agent: models.agent,
        ...chainToJson(models, gateway, answers),
      })),
    })),
    proxies: picture.proxies.map(proxy => {
      const { name, unit, container, service, port, deployments, isComplete } = proxy;
      const front = answers.front === undefined ? [] : frontPlaces(proxy, answers.front);
      return {
        name,
        unit,
        container: sourceToJson(container?.source ?? null),
        service,
        port: port ?? null,
        upstreams: deployments.map(({ name: model, leadsTo }) => ({
          model,
          leadsTo: destinationToJson(leadsTo),
        })),
        front:
          front.length === 0
            ? null
            : front.map(place => ({
                ...place,
                said: place.said ?? null,
                forSeconds: place.forSeconds ?? null,
              })),
        outdated: isFront(proxy) ? (answers.frontOutdated ?? []) : [],
        obstacle: isFront(proxy) ? (answers.frontObstacle ?? null) : null,
        complete: isComplete,
        answering: answeringToJson(answers.proxies.get(name) ?? notAsked),
      };
    }),
    findings: findings.map(finding => ({
      rule: finding.rule,
      severity: finding.severity,
      unit: finding.unit,
      source: sourceToJson(finding.source),
      message: findingWords(finding, host, catalogue).message,
      remedy: findingWords(finding, host, catalogue).remedy,
    })),
  };
}

function chainToJson(models: ModelChain, gateway: Gateway, answers: Answers): object {
  const chain = chainOf(models, gateway, answers);
  const of = (role: ChainLink['role']) => {
    const link = chain.find(each => each.role === role);
    return link === undefined ? null : `${link.provider}/${link.model}`;
  };
  return {
    now: of('now'),
    next: of('next'),
    chain: chain.map(({ provider, model, leadsTo, answering }) => ({
      provider,
      model,
      leadsTo: destinationToJson(leadsTo),
      answering: answeringToJson(answering),
    })),
    unclear: models.unclear.map(({ written }) => written),
  };
}

function answeringToJson(answering: Answering): object {
  switch (answering.kind) {
    case 'answers':
      return {
        state: 'answers',
        afterSeconds: Number(answering.afterSeconds.toFixed(3)),
        fault: answering.refused === undefined ? null : 'credentials-refused',
        status: answering.refused?.status ?? null,
      };
    case 'lists':
      return {
        state: 'answers',
        afterSeconds: Number(answering.afterSeconds.toFixed(3)),
        fault: null,
        status: null,
      };
    case 'silent':
      return { state: 'silent', afterSeconds: null, fault: answering.code, status: answering.status };
    case 'faulty':
    case 'unclear': {
      const { kind, fault } = answering;
      const state = fault.code === 'key-missing' ? 'not-asked' : kind === 'faulty' ? 'silent' : 'unclear';
      const status = 'status' in fault ? fault.status : null;
      return { state, afterSeconds: null, fault: fault.code, status };
    }
    case 'not-running':
    case 'other-port':
      return { state: 'silent', afterSeconds: null, fault: answering.kind, status: null };
    case 'not-asked':
      return { state: 'not-asked', afterSeconds: null, fault: null, status: null };
    default:
      return answering satisfies never;
  }
}

function destinationToJson(leadsTo: Destination): object {
  const [name = null] = placeOf(leadsTo);
  return { kind: leadsTo.kind, name, by: 'by' in leadsTo ? leadsTo.by : null };
}
