/**
 * Checks a link by requests that cost nothing: certificate, key, list of models. It sends no request to a model.
 *
 * Where a key is expected that daruma does not have, the models are not asked for: a LiteLLM without a database answers a request
 * without a key by a 500 of its own, with a traceback in its log (run: litellm 1.108.7, "No module named 'prisma'"), though it is sound.
 */
import { sendRequest, type HttpAnswer, type HttpRequest, type Patience } from '../../http/request.ts';
import { lookAtCertificate, type ShownCertificate } from '../../http/certificate.ts';
import { type ConnectionFault, connectionFault, silentPhase } from '../../http/connection-fault.ts';
import { contentOf, isPage } from '../../http/content.ts';
import { isThisMachine } from '../../http/loopback.ts';
import { fieldOf, isList, textIn } from '../../json/value.ts';
import { cloudflareSeconds, nginxSeconds } from '../../routes/reverse-proxy.ts';
import { usualSilenceSeconds } from '../../services/openclaw-timeouts.ts';
import { nearest } from '../../systemd/nearest.ts';
import { globMatcher } from '../../systemd/values/glob.ts';
import { type Api, apis, isAlive, livelinessUrl, modelInfoUrl, refusalOf, refusesKey } from './api.ts';
import type { BehindLink, Link, WantedKey } from './link.ts';
import type { LinkFault } from './link-fault.ts';
import { addressesOf } from './machine-at.ts';

export interface LinkReport {
  readonly link: Link;
  readonly faults: readonly LinkFault[];
  /** Seconds from the first request to the end of its answer; null without an answer. */
  readonly latencySeconds: number | null;
  /** What the first request was for: LiteLLM's liveliness alone, where the key is not known. */
  readonly asked: 'models' | 'liveliness';
  /** Null without TLS, and when the server sent none. */
  readonly certificate: ShownCertificate | null;
  /** Number of models in its list; null when it has no list. */
  readonly modelCount: number | null;
  /** The deployments behind LiteLLM's models; null when it is not LiteLLM or the key does not permit it. */
  readonly deployments: readonly RemoteDeployment[] | null;
}

interface RemoteDeployment {
  readonly model: string;
  readonly apiBase: string | undefined;
}

export interface Limits extends Patience {
  /** Limit for the whole answer. */
  readonly answerMs: number;
}

/** A proxy lists its models within a second or two, even with a slow upstream, which it does not ask. */
export const usualLimits: Limits = {
  connectMs: 5_000,
  headersMs: 10_000,
  bodyMs: 10_000,
  answerMs: 20_000,
};

/** Each turn of an agent begins with such a request, so users notice a delay of this length. */
const slowSeconds = 5;

/**
 * How much is asked: `use` is what OpenClaw's own requests depend on, `all` also what lies behind the models, and whether strangers
 * are let in.
 */
type Extent = 'use' | 'all';

/** @param machineAuthorities the certificate authorities that the machine trusts, in PEM: usually more than OpenClaw trusts */
export async function askLink(
  link: Link,
  machineAuthorities: readonly string[],
  limits: Limits,
  extent: Extent = 'all',
): Promise<LinkReport> {
  const url = URL.parse(link.baseUrl);
  const faults: LinkFault[] = [...keyFaults(link)];
  const asked = isKeyKnown(link) ? 'models' : 'liveliness';
  const report = {
    link,
    asked,
    latencySeconds: null,
    certificate: null,
    modelCount: null,
    deployments: null,
  } as const;
  if (url === null || !/^https?:$/.test(url.protocol)) {
    return { ...report, faults: [{ code: 'address-invalid', address: shownUrl(link.baseUrl) }, ...faults] };
  }
  // What is asked at an address of this very machine is on no network.
  if (url.protocol === 'http:' && !(await isOnThisMachine(url.hostname))) {
    faults.push({ code: 'plain-http', host: url.host, sendsKey: link.key.kind !== 'none' });
  }
  let authorities = link.authorities;
  let certificate: ShownCertificate | null = null;
  if (url.protocol === 'https:') {
    const looked = await certificateOf(url, link, machineAuthorities, limits);
    faults.push(...looked.faults);
    if (looked.certificate === undefined) return { ...report, faults };
    certificate = looked.certificate;
    // The key is not sent to a server without a trusted certificate.
    if (looked.authorities === undefined) return { ...report, faults, certificate };
    authorities = looked.authorities;
  }
  const asker = new Asker(link, url, authorities, limits);
  const { found, ...rest } = await (asked === 'models' ? asker.ask(extent) : asker.askWithoutKey());
  return { ...report, ...rest, certificate, faults: [...faults, ...found] };
}

/** Whether a service that is asked without a key refuses its list of models for want of one, by whatever answer. */
export async function isRefusedWithoutKey(link: Link, url: URL, limits: Limits): Promise<boolean> {
  return link.key.kind === 'none' && (await new Asker(link, url, link.authorities, limits).listWantsKey());
}

/** Whether the request would be the one that OpenClaw sends, as far as the key is concerned. */
function isKeyKnown({ key }: Link): boolean {
  return key.kind === 'known' || key.kind === 'none';
}

/** A name in /etc/hosts may lead back here as well. */
async function isOnThisMachine(hostName: string): Promise<boolean> {
  if (isThisMachine(hostName)) return true;
  const addresses = await addressesOf(hostName);
  return addresses.length > 0 && addresses.every(isThisMachine);
}

function* keyFaults(link: Link): Iterable<LinkFault> {
  const { key } = link;
  if (key.kind === 'missing') yield missingKey(link, key);
  if (key.kind === 'withheld') {
    const { place, holder, command } = key;
    yield { code: 'key-not-tried', place, holder, command };
  }
  if (key.kind !== 'known') return;
  for (const { file, mode, isOpenToOthers } of key.files) {
    if (isOpenToOthers === true)
      yield { code: 'key-readable', file, mode: mode.toString(8).padStart(4, '0') };
  }
}

export function missingKey(
  { kind, leadsTo }: Link,
  { place, home }: WantedKey,
): LinkFault & { readonly code: 'key-missing' } {
  const whose =
    kind === 'node'
      ? leadsTo === 'own-machine'
        ? 'own-node'
        : 'other-node'
      : leadsTo === 'loopback'
        ? 'own-proxy'
        : 'provider';
  return { code: 'key-missing', whose, place, ...(home === undefined ? {} : { home }) };
}

export type CertificateFault = Extract<
  LinkFault,
  {
    readonly code:
      | 'certificate-expired'
      | 'certificate-not-yet-valid'
      | 'certificate-wrong-name'
      | 'certificate-refused';
  }
>;

/** What is wrong with the certificate of a link to which no encrypted connection comes about; undefined when nothing is. */
export async function certificateFault(
  url: URL,
  link: Link,
  machineAuthorities: readonly string[],
  limits: Limits,
): Promise<CertificateFault | undefined> {
  const { faults } = await certificateOf(url, link, machineAuthorities, limits);
  return faults.find(isOfCertificate);
}

function isOfCertificate(fault: LinkFault): fault is CertificateFault {
  return /^certificate-(?!expires-soon$)/.test(fault.code);
}

interface LookedAt {
  readonly faults: readonly LinkFault[];
  /** Undefined when the server sent none. */
  readonly certificate?: ShownCertificate;
  /** The authorities to trust in the requests that follow; undefined when the certificate is not trusted. */
  readonly authorities?: readonly string[];
}

async function certificateOf(
  url: URL,
  link: Link,
  machineAuthorities: readonly string[],
  limits: Limits,
): Promise<LookedAt> {
  const { host } = url;
  const times = { connectMs: limits.connectMs, handshakeMs: limits.headersMs };
  try {
    const certificate = await lookAtCertificate(url, link.authorities, times);
    const { problems, issuer } = certificate;
    if (problems.length === 0) {
      const faults = [...expiryFaults(certificate, host, Date.now())];
      return { faults, certificate, authorities: link.authorities };
    }
    const again = await lookAtCertificate(url, machineAuthorities, times);
    const isKnownToMachine = again.problems.length === 0;
    const faults = problems.map((problem): LinkFault => {
      switch (problem) {
        case 'expired':
          return { code: 'certificate-expired', host, sinceMs: certificate.validToMs };
        case 'not-yet-valid':
          return { code: 'certificate-not-yet-valid', host, fromMs: certificate.validFromMs };
        case 'wrong-name':
          return { code: 'certificate-wrong-name', host: url.hostname, names: certificate.names };
        default:
          return { code: 'certificate-refused', host, problem, issuer, isKnownToMachine };
      }
    });
    return { faults, certificate, ...(isKnownToMachine ? { authorities: machineAuthorities } : {}) };
  } catch (error) {
    return { faults: [faultOfConnection(connectionFault(error), url, link, limits)] };
  }
}

/**
 * ACME clients renew a certificate when a third of its lifetime is left (Caddy), or 30 of 90 days (certbot). With only half of
 * that left the renewal has failed. For a certificate that a person renews, a warning two weeks ahead is enough.
 */
function* expiryFaults(
  { validFromMs, validToMs }: ShownCertificate,
  host: string,
  nowMs: number,
): Iterable<LinkFault> {
  const thresholdMs = Math.min((validToMs - validFromMs) / 6, 14 * dayMs);
  if (validToMs - nowMs >= thresholdMs) return;
  const days = Math.floor((validToMs - nowMs) / dayMs);
  yield { code: 'certificate-expires-soon', host, untilMs: validToMs, days };
}

const dayMs = 86_400_000;

type Unreachable = Extract<LinkFault, { readonly code: 'unreachable' }>;

export function faultOfConnection(
  fault: ConnectionFault,
  { host }: URL,
  { leadsTo, kind, timeoutSeconds }: Link,
  limits: Limits,
): LinkFault & { readonly code: 'unreachable' | 'hangs' | 'tls-failed' } {
  const { code, status, proxy } = fault;
  const detail = fault.detail || (status === null ? '' : String(status));
  const onTheWay = proxy === undefined ? {} : { proxy };
  const limit = kind === 'node' ? 'no-provider' : timeoutSeconds === undefined ? 'missing' : 'set';
  const unreachable = (how: Unreachable['how']): Unreachable => ({
    code: 'unreachable',
    host,
    how,
    detail,
    // When the proxy failed, the result says nothing about the machine.
    isOwnMachine: leadsTo === 'own-machine' && how !== 'proxy',
    ...onTheWay,
  });
  switch (code) {
    case 'name-not-found':
      return unreachable('name-not-found');
    case 'unreachable':
      return unreachable('no-route');
    case 'refused-connection':
      return unreachable('refused');
    case 'connection-lost':
      return unreachable('cut-off');
    case 'proxy':
      return unreachable('proxy');
    case 'tls':
      return { code: 'tls-failed', host, detail, ...onTheWay };
    case 'too-long':
      return {
        code: 'hangs',
        host,
        phase: 'answer',
        afterSeconds: limits.answerMs / 1_000,
        limit,
        ...onTheWay,
      };
    case 'timeout': {
      const phase = silentPhase(fault);
      if (phase === 'connect') return unreachable('no-connection');
      const afterMs = { tls: limits.headersMs, headers: limits.headersMs, body: limits.bodyMs };
      const limitMs = phase === 'answer' ? limits.answerMs : afterMs[phase];
      return { code: 'hangs', host, phase, afterSeconds: limitMs / 1_000, limit, ...onTheWay };
    }
    default:
      return code satisfies never;
  }
}

/**
 * What a web server in front does with long answers, as far as its name tells: how it is configured is in files of another
 * machine. A web server of this machine is looked at by the rule `failover-answer-cut`.
 */
function* frontFaults(
  { kind, leadsTo, timeoutSeconds }: Link,
  { hostname }: URL,
  answer: HttpAnswer,
): Iterable<LinkFault> {
  // Source: developers.cloudflare.com, "Quick Tunnels".
  if (hostname.endsWith('.trycloudflare.com')) yield { code: 'events-not-passed', host: hostname };
  const server = /^(nginx|cloudflare)\b/i.exec(answer.header('server') ?? '')?.[1]?.toLowerCase();
  if (kind !== 'provider' || leadsTo !== 'elsewhere' || server === undefined) return;
  const waitsSeconds = timeoutSeconds ?? usualSilenceSeconds;
  const [name, seconds] =
    server === 'nginx' ? (['nginx', nginxSeconds] as const) : (['Cloudflare', cloudflareSeconds] as const);
  if (seconds < waitsSeconds) yield { code: 'answer-may-be-cut', server: name, seconds, waitsSeconds };
}

type Headers = Readonly<Record<string, string>>;

/**
 * The key of a stranger. Without a database a LiteLLM refuses it in two lines, while a request without any costs its log a traceback of
 * 140 lines (run: litellm 1.108.7); one that asks for no key takes both.
 */
const keyOfStranger = 'sk-of-a-stranger';

/** As OpenClaw sends them: those that a provider adds come before those of its key. */
export function headersOf({ api, key, headers }: Link): Headers {
  return { ...apis[api].headers(key.kind === 'known' ? key.value : undefined), ...headers };
}

/** What must not appear in what is shown of an answer. Short values are no secrets, and would take words out of it. */
export function secretsOf({ key, headers }: Link): readonly string[] {
  const values = Object.values(headers).filter(value => value.length >= shortestSecret);
  return key.kind === 'known' ? [key.value, ...values] : values;
}

const shortestSecret = 8;

interface Asked extends Pick<LinkReport, 'latencySeconds' | 'modelCount' | 'deployments'> {
  readonly found: readonly LinkFault[];
}

/** Sends the HTTP requests, after the certificate was checked. */
class Asker {
  readonly #link: Link;
  readonly #url: URL;
  readonly #authorities: readonly string[];
  readonly #limits: Limits;
  readonly #api: Api;

  constructor(link: Link, url: URL, authorities: readonly string[], limits: Limits) {
    this.#link = link;
    this.#url = url;
    this.#authorities = authorities;
    this.#limits = limits;
    this.#api = apis[link.api];
  }

  async ask(extent: Extent): Promise<Asked> {
    const { key, baseUrl } = this.#link;
    const own = key.kind === 'known' ? key.value : undefined;
    const headers = headersOf(this.#link);
    const modelsUrl = this.#api.modelsUrl(baseUrl);
    let answer: HttpAnswer;
    try {
      answer = await this.#get(modelsUrl, headers);
    } catch (error) {
      return this.#unanswered(error);
    }
    const latencySeconds = answer.seconds;
    const listed = answer.status === 200 ? modelsIn(answer.json) : undefined;
    const found = (await wantsKey(answer, this.#link, () => this.#liveliness()))
      ? [...this.#refusal(answer.status)]
      : await this.#withVersion([...this.#faultsOf(answer, listed, modelsUrl)]);
    if (latencySeconds > slowSeconds)
      found.push({ code: 'slow', host: this.#url.host, seconds: latencySeconds });
    found.push(...frontFaults(this.#link, this.#url, answer));
    if (listed === undefined) return { found, latencySeconds, modelCount: null, deployments: null };
    const [deployments, refusals] = await Promise.all([
      extent === 'all' ? this.#deployments(headers) : null,
      Promise.all(this.#link.behind.map(each => this.#refusalBehind(each))),
    ]);
    found.push(...refusals.flat());
    if (extent === 'all' && (await this.#isOpenToAll(modelsUrl, own, deployments)))
      found.push({ code: 'open-to-all', host: this.#url.host });
    return { found, latencySeconds, modelCount: listed.length, deployments };
  }

  /**
   * Asks whether somebody is there, by LiteLLM's liveliness, which wants no key. Another service may answer anything to that: only what
   * a web server says of the service behind it counts, and a redirection. A web page may stand for all paths that are not passed on: it
   * counts where the list of models is one as well.
   */
  async askWithoutKey(): Promise<Asked> {
    try {
      const answer = await this.#liveliness();
      const found = [...this.#faultsWithoutKey(answer)];
      if (isPageForAll(answer)) found.push(...(await this.#pageInstead()));
      return { found, latencySeconds: answer.seconds, modelCount: null, deployments: null };
    } catch (error) {
      return this.#unanswered(error);
    }
  }

  /** Whether the list of models is refused for want of a key: its upstreams have no part in that. */
  async listWantsKey(): Promise<boolean> {
    try {
      const answer = await this.#get(this.#api.modelsUrl(this.#link.baseUrl), headersOf(this.#link));
      return refusesKey(answer) || (await wantsKey(answer, this.#link, () => this.#liveliness()));
    } catch {
      return false;
    }
  }

  #liveliness(): Promise<HttpAnswer> {
    return this.#get(livelinessUrl(this.#link.baseUrl), this.#link.headers);
  }

  *#faultsWithoutKey(answer: HttpAnswer): Iterable<LinkFault> {
    const { status } = answer;
    if (status >= 300 && status < 400) yield redirection(answer, this.#url);
    if (isOfGateway(status)) yield statusFault(answer, this.#url.host);
  }

  /** Looks for the list of models under `/v1`, where an address that lacks it has none. The APIs of OpenAI take it as it is written. */
  async #withVersion(faults: readonly LinkFault[]): Promise<LinkFault[]> {
    const better = `${this.#link.baseUrl}/v1`;
    const url = this.#api.modelsUrl(better);
    const isTried = this.#link.baseUrl.endsWith('/v1') || url === this.#api.modelsUrl(this.#link.baseUrl);
    return Promise.all(
      faults.map(async fault => {
        if (fault.code !== 'models-not-listed' || isTried || !(await this.#isList(url))) return fault;
        return { ...fault, code: 'version-missing', better: shownUrl(better) } as const;
      }),
    );
  }

  /** Whether a list of models is there, be it refused. */
  async #isList(url: string): Promise<boolean> {
    try {
      const answer = await this.#get(url, headersOf(this.#link));
      return refusesKey(answer) || (answer.status === 200 && modelsIn(answer.json) !== undefined);
    } catch {
      return false;
    }
  }

  async #pageInstead(): Promise<readonly LinkFault[]> {
    const url = this.#api.modelsUrl(this.#link.baseUrl);
    const answer = await this.#get(url, this.#link.headers);
    return isPageForAll(answer) ? [this.#wrongService(answer, url)] : [];
  }

  #wrongService(answer: HttpAnswer, url: string): LinkFault {
    const { status } = answer;
    return { code: 'wrong-service', url: shownUrl(url), status, expected: 'models', came: contentOf(answer) };
  }

  #unanswered(error: unknown): Asked {
    const fault = faultOfConnection(connectionFault(error), this.#url, this.#link, this.#limits);
    return { found: [fault], latencySeconds: null, modelCount: null, deployments: null };
  }

  #get(url: string, headers: Headers): Promise<HttpAnswer> {
    const request: HttpRequest = {
      method: 'GET',
      url,
      headers: { ...this.#api.headers(undefined), ...headers },
      json: undefined,
      secrets: secretsOf(this.#link),
      authorities: this.#authorities,
      patience: this.#limits,
    };
    return sendRequest(request, AbortSignal.timeout(this.#limits.answerMs));
  }

  *#faultsOf(answer: HttpAnswer, listed: readonly string[] | undefined, url: string): Iterable<LinkFault> {
    const { status } = answer;
    const { host } = this.#url;
    if (status >= 300 && status < 400) yield redirection(answer, this.#url);
    else if (refusesKey(answer)) yield* this.#refusal(status);
    else if (status === 404 || status === 405 || status === 501)
      yield { code: 'models-not-listed', url: shownUrl(url), status };
    else if (status === 429) yield { code: 'rate-limited', host };
    else if (status >= 400) yield statusFault(answer, host);
    else if (listed === undefined) yield this.#wrongService(answer, url);
    else {
      for (const model of this.#link.models) {
        if (listed.some(name => isMatch(name, model))) continue;
        const suggestion = nearest(model, listed) ?? null;
        yield { code: 'model-missing', host, model, listed: listed.length, suggestion };
      }
    }
  }

  async #refusalBehind({ name, url, statuses }: BehindLink): Promise<readonly LinkFault[]> {
    const fault = { code: 'credentials-refused', service: name, url } as const;
    try {
      const { status } = await sendRequest(
        { method: 'GET', url, json: undefined, secrets: [], patience: this.#limits },
        AbortSignal.timeout(this.#limits.answerMs),
      );
      return statuses.includes(status) ? [] : [{ ...fault, status }];
    } catch {
      return [{ ...fault, status: null }];
    }
  }

  /** The fault of a refused request: without a key a refusal is expected. */
  *#refusal(status: number): Iterable<LinkFault> {
    const { key } = this.#link;
    if (key.kind === 'known') yield { code: 'key-refused', host: this.#url.host, status };
    if (key.kind === 'none') yield missingKey(this.#link, key);
  }

  /**
   * Whether a proxy answers strangers and should not. Over loopback it may, and a node never may. A provider may be a public
   * service that lists its models to everybody; only a LiteLLM without a key also lists the deployments behind them.
   */
  async #isOpenToAll(
    modelsUrl: string,
    key: string | undefined,
    deployments: Asked['deployments'],
  ): Promise<boolean> {
    const { kind, leadsTo, isGuarded } = this.#link;
    if (leadsTo === 'loopback') return false;
    // Strangers have neither the key nor the headers; the requests before this one had both.
    const hasHeaders = Object.keys(this.#link.headers).length > 0;
    const stranger = this.#api.headers(keyOfStranger);
    if (key === undefined && !hasHeaders) return kind === 'node' || deployments !== null;
    // LiteLLM logs each refusal as an error, which would be taken for a sign of a later fall.
    if (isGuarded === true) return false;
    if (kind === 'provider') return deployments !== null && (await this.#deployments(stranger)) !== null;
    try {
      const { status, json } = await this.#get(modelsUrl, stranger);
      return status === 200 && modelsIn(json) !== undefined;
    } catch {
      // This request failed although earlier ones succeeded: the answer without a key is not known.
      return false;
    }
  }

  /** The deployments behind LiteLLM's models; null, and no fault, when the key does not permit it. */
  async #deployments(headers: Headers): Promise<readonly RemoteDeployment[] | null> {
    try {
      const { status, json } = await this.#get(modelInfoUrl(this.#link.baseUrl), headers);
      const entries = fieldOf(json, 'data');
      if (status !== 200 || !isList(entries)) return null;
      return entries.flatMap(entry => {
        const model = textIn(entry, 'model_name');
        return model === undefined
          ? []
          : [{ model, apiBase: textIn(fieldOf(entry, 'litellm_params'), 'api_base') }];
      });
    } catch {
      return null;
    }
  }
}

/** Whether a fault of the list of models is that of a LiteLLM without a database, which is sound and wants a key. */
async function wantsKey(
  { status }: HttpAnswer,
  { key }: Link,
  liveliness: () => Promise<HttpAnswer>,
): Promise<boolean> {
  if (key.kind !== 'none' || status < 500 || isOfGateway(status)) return false;
  try {
    return isAlive(await liveliness());
  } catch {
    return false;
  }
}

/** Whether an answer is a web page in place of what was asked for. */
function isPageForAll({ status, text }: HttpAnswer): boolean {
  return status >= 200 && status < 300 && isPage(text);
}

/** What a web server says that does not reach the service behind it (RFC 9110, 15.6.3 to 15.6.5). */
function isOfGateway(status: number): boolean {
  return status >= 502 && status <= 504;
}

/** @param answer an answer with a status of 400 or more */
export function statusFault(
  answer: HttpAnswer,
  host: string,
): Extract<LinkFault, { readonly code: 'server-failed' | 'request-refused' }> {
  const { status } = answer;
  const code = status >= 500 ? 'server-failed' : 'request-refused';
  return { code, host, status, said: refusalOf(answer) };
}

/** The fault of a redirection, with its target, without possible secrets. */
export function redirection(
  answer: HttpAnswer,
  url: URL,
): Extract<LinkFault, { readonly code: 'redirected' }> {
  const to = URL.parse(answer.header('location') ?? '', url.href);
  return {
    code: 'redirected',
    host: url.host,
    status: answer.status,
    to: to === null ? '' : shownUrl(to.href),
    isOtherHost: to !== null && to.host !== url.host,
  };
}

/** The models in `{data: [{id}]}`, the format of OpenAI and Anthropic; undefined for any other document. */
function modelsIn(json: unknown): readonly string[] | undefined {
  const entries = fieldOf(json, 'data');
  if (!isList(entries)) return undefined;
  return entries.flatMap(entry => textIn(entry, 'id') ?? []);
}

/** Whether a listed name covers a model. LiteLLM lists `*` or `openai/*` when it accepts any model. */
function isMatch(listed: string, model: string): boolean {
  return globMatcher(listed, 'stars')(model);
}

/** An address without possible secrets: user, password, query. Empty when it cannot be parsed. */
export function shownUrl(address: string): string {
  const url = URL.parse(address);
  if (url === null) return /^[\w.:/-]*$/.test(address) ? address : '';
  return `${url.protocol}//${url.host}${url.pathname}`;
}
