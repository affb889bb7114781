/** Asks a model through a link for a short real answer. It costs a few tokens and proves that the link works. */
import { sendRequest, type HttpAnswer } from '../../http/request.ts';
import { connectionFault } from '../../http/connection-fault.ts';
import { trustedAuthorities } from '../../http/trust.ts';
import { contentOf } from '../../http/content.ts';
import { textIn } from '../../json/value.ts';
import { inShort } from '../../secrets/redaction.ts';
import { type Api, apis, type EventOfAnswer, refusalOf, refusesKey, type Said } from './api.ts';
import {
  type CertificateFault,
  certificateFault,
  faultOfConnection,
  headersOf,
  isRefusedWithoutKey,
  missingKey,
  type Limits,
  redirection,
  secretsOf,
  shownUrl,
  statusFault,
} from './ask-link.ts';
import { machineHeader } from '../front/haproxy-config.ts';
import type { Link } from './link.ts';
import type { LinkFault } from './link-fault.ts';

export interface Completion {
  readonly link: Link;
  readonly model: string;
  readonly latencySeconds: number;
  /** From the request to the first piece of the answer; null when none came. */
  readonly firstSeconds: number | null;
  /** How the answer came: as it was written, or all of it at its end; null where this is not seen. */
  readonly arrival: 'in-pieces' | 'in-one-piece' | null;
  /** Null when no answer came. */
  readonly status: number | null;
  /** The model named in the answer; null when the answer names none or no answer came. */
  readonly answeredBy: string | null;
  /** The machine that a front has asked; null without a front. */
  readonly machine: string | null;
  /** Number of fallbacks that LiteLLM itself tried; null when it does not report it. */
  readonly proxyFallbacks: number | null;
  /** Undefined when the model answered. */
  readonly fault: CompletionFault | undefined;
}

type CompletionFault = Extract<
  LinkFault,
  {
    readonly code:
      | 'address-invalid'
      | 'unreachable'
      | 'hangs'
      | 'tls-failed'
      | CertificateFault['code']
      | 'redirected'
      | 'key-missing'
      | 'key-not-tried'
      | 'key-refused'
      | 'rate-limited'
      | 'server-failed'
      | 'request-refused'
      | 'answer-cut'
      | 'answer-empty'
      | 'answer-stopped'
      | 'wrong-service';
  }
>;

/** A model may need long for its first word, and a proxy may try several upstreams first. */
export const completionLimits: Limits = {
  connectMs: 5_000,
  headersMs: 60_000,
  bodyMs: 60_000,
  answerMs: 90_000,
};

/**
 * Asks one model, and once more where its answer came in one piece, which may have been by chance: a first request may wait for the model
 * to be loaded. It never throws.
 */
export async function requestCompletion(link: Link, model: string, limits: Limits): Promise<Completion> {
  const first = await requestOnce(link, model, limits);
  if (first.arrival !== 'in-one-piece') return first;
  const { arrival } = await requestOnce(link, model, limits);
  return { ...first, arrival };
}

/** Asks one model once. It never throws. */
export async function requestOnce(link: Link, model: string, limits: Limits): Promise<Completion> {
  const startMs = performance.now();
  const done = (more: Pick<Completion, 'status' | 'fault'> & Partial<Completion>): Completion => ({
    link,
    model,
    latencySeconds: Math.round(performance.now() - startMs) / 1_000,
    firstSeconds: null,
    arrival: null,
    answeredBy: null,
    machine: null,
    proxyFallbacks: null,
    ...more,
  });
  const url = URL.parse(link.baseUrl);
  if (url === null || !/^https?:$/.test(url.protocol)) {
    return done({ status: null, fault: { code: 'address-invalid', address: shownUrl(link.baseUrl) } });
  }
  if (link.key.kind === 'missing') {
    return done({ status: null, fault: missingKey(link, link.key) });
  }
  if (link.key.kind === 'withheld') {
    const { place, holder, command } = link.key;
    return done({ status: null, fault: { code: 'key-not-tried', place, holder, command } });
  }
  const api = apis[link.api];
  try {
    const answer = await askTwice(link, model, api, limits);
    const fallbacks = answer.header('x-litellm-attempted-fallbacks');
    const events = answer.events?.map(event => api.readEvent(event));
    const seen = faultOf(answer, events, api, link, url);
    const fault = seen && (await orMissingKey(seen, link, url, limits));
    const named = events?.find(event => event.model !== undefined)?.model;
    return done({
      status: answer.status,
      latencySeconds: answer.seconds,
      firstSeconds: answer.firstSeconds,
      arrival: fault === undefined ? arrivalOf(answer) : null,
      fault,
      answeredBy: textIn(answer.json, 'model') ?? named ?? null,
      machine: answer.header(machineHeader) ?? null,
      proxyFallbacks: fallbacks === undefined ? null : Number(fallbacks),
    });
  } catch (error) {
    const broken = connectionFault(error);
    const { code, bodySeconds } = broken;
    if (code === 'connection-lost' && bodySeconds !== undefined)
      return done({ status: null, fault: { code: 'answer-cut', host: url.host, seconds: bodySeconds } });
    const fault = faultOfConnection(broken, url, link, limits);
    const isOfTls = fault.code === 'tls-failed';
    // It is told as the check tells it, which looks at the certificate.
    const found = isOfTls ? await certificateFault(url, link, trustedAuthorities(), limits) : undefined;
    return done({ status: null, fault: found ?? fault });
  }
}

/**
 * A stream that is held back comes at once when it is complete. So does one that was written at once: what was ready within a few
 * seconds, and what has only a few events, says nothing.
 */
function arrivalOf({ firstSeconds, lastSeconds, events }: HttpAnswer): Completion['arrival'] {
  if (lastSeconds - firstSeconds >= apartSeconds) return 'in-pieces';
  const isLong = events === undefined || events.length >= fewestEvents;
  return isLong && lastSeconds >= shortestSeconds ? 'in-one-piece' : null;
}

/** What is sent at once arrives within a few milliseconds; models write 16 tokens in 50 ms or more. */
const apartSeconds = 0.02;
/** A model that thinks may use up all tokens for that: only a beginning and an end come. */
const fewestEvents = 6;
/** Quick models write 16 tokens within the time that a single write takes, after thinking for a second. */
const shortestSeconds = 2;

/** Whether an answer came to at least one request, and to each that could be sent. */
export function haveAnswered(completions: readonly Completion[]): boolean {
  const sent = completions.filter(({ fault }) => fault?.code !== 'key-not-tried');
  return sent.length > 0 && sent.every(({ fault }) => fault === undefined);
}

/** Asks again when the model refuses `max_tokens`, as reasoning models do. */
async function askTwice(link: Link, model: string, api: Api, limits: Limits): Promise<HttpAnswer> {
  const asked = api.completion(model);
  const first = await post(link, asked, api, limits);
  const isAboutTokens =
    first.status === 400 && /max_(?:completion_)?tokens|output limit/.test(refusalOf(first));
  if (!isAboutTokens || link.api !== 'openai-completions') return first;
  const { max_tokens: most, ...rest } = asked;
  return post(link, { ...rest, max_completion_tokens: most }, api, limits);
}

function post(link: Link, json: object, api: Api, limits: Limits): Promise<HttpAnswer> {
  const { baseUrl, authorities } = link;
  return sendRequest(
    {
      method: 'POST',
      url: api.completionUrl(baseUrl),
      headers: headersOf(link),
      json,
      secrets: secretsOf(link),
      authorities,
      patience: limits,
    },
    AbortSignal.timeout(limits.answerMs),
  );
}

/** A LiteLLM without a database has a 500 for a request without a key, as for one whose upstream fails; only the one lists its models. */
async function orMissingKey(
  fault: CompletionFault,
  link: Link,
  url: URL,
  limits: Limits,
): Promise<CompletionFault> {
  const { key } = link;
  if (key.kind !== 'none' || (fault.code !== 'server-failed' && fault.code !== 'request-refused'))
    return fault;
  return (await isRefusedWithoutKey(link, url, limits)) ? missingKey(link, key) : fault;
}

function faultOf(
  answer: HttpAnswer,
  events: readonly EventOfAnswer[] | undefined,
  api: Api,
  link: Link,
  url: URL,
): CompletionFault | undefined {
  const { baseUrl, key } = link;
  const { status } = answer;
  const { host } = url;
  if (status >= 300 && status < 400) return redirection(answer, url);
  if (refusesKey(answer)) {
    return key.kind === 'none' ? missingKey(link, key) : { code: 'key-refused', host, status };
  }
  if (status === 429) return { code: 'rate-limited', host };
  if (status >= 400) return statusFault(answer, host);
  if (events?.some(({ isOfApi, error }) => isOfApi || error !== undefined) === true) {
    const failed = events.find(({ error }) => error !== undefined);
    if (failed !== undefined) {
      const said = refusalOf({ json: failed.error, text: '' });
      return { code: 'server-failed', host, status, said };
    }
    const isComplete = events.some(({ isLast }) => isLast);
    return isComplete
      ? faultOfContent(events, api, host)
      : { code: 'answer-cut', host, seconds: answer.seconds };
  }
  const said = api.readDocument(answer.json);
  return said === undefined
    ? {
        code: 'wrong-service',
        url: shownUrl(api.completionUrl(baseUrl)),
        status,
        expected: 'completion',
        came: contentOf(answer),
      }
    : faultOfContent([said], api, host);
}

/**
 * OpenClaw has an answer without words for failed ("Agent couldn't generate a response"), also when its model only thought, and one that
 * ends for a reason which is none of an answer ("Agent run failed"), also when words came before. Only the limit of this request, which
 * is lower than OpenClaw's, explains why nothing came.
 *
 * Read: openclaw 2026.9.6, `classifyAssistantTurn()`, `resolveIncompleteTurnPayloadText()` and what `api.ts` names.
 */
function faultOfContent(said: readonly Said[], { ends }: Api, host: string): CompletionFault | undefined {
  const end = said.findLast(each => each.end !== undefined)?.end;
  const meaning = end === undefined ? 'complete' : new Map(Object.entries(ends)).get(end);
  if (meaning === undefined) {
    const reason = inShort(end ?? '', longestReason);
    const isOfFilter = /^(?:content_filter|refusal|sensitive)$/.test(reason);
    return { code: 'answer-stopped', host, reason, isOfFilter };
  }
  const isEmpty = meaning === 'complete' && !said.some(({ hasContent }) => hasContent);
  return isEmpty ? { code: 'answer-empty', host } : undefined;
}

/** The longest that is known has 29 characters. */
const longestReason = 40;
