/** Asks a model through a link for the shortest real answer. It costs a few tokens and proves that the link works. */
import { sendRequest, type HttpAnswer } from '../../http/request.ts';
import { connectionFault } from '../../http/connection-fault.ts';
import { trustedAuthorities } from '../../http/trust.ts';
import { contentOf } from '../../http/content.ts';
import { textIn } from '../../json/value.ts';
import { type Api, apis, refusalOf, refusesKey } from './api.ts';
import {
  type CertificateFault,
  certificateFault,
  faultOfConnection,
  headersOf,
  type Limits,
  redirection,
  secretsOf,
  shownUrl,
  statusFault,
} from './ask-link.ts';
import type { Link } from './link.ts';
import type { LinkFault } from './link-fault.ts';

export interface Completion {
  readonly link: Link;
  readonly model: string;
  readonly latencySeconds: number;
  /** Null when no answer came. */
  readonly status: number | null;
  /** The model named in the answer; null when the answer names none or no answer came. */
  readonly answeredBy: string | null;
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

/** Asks one model. It never throws. */
export async function requestCompletion(link: Link, model: string, limits: Limits): Promise<Completion> {
  const startMs = performance.now();
  const done = (more: Pick<Completion, 'status' | 'fault'> & Partial<Completion>): Completion => ({
    link,
    model,
    latencySeconds: Math.round(performance.now() - startMs) / 1_000,
    answeredBy: null,
    proxyFallbacks: null,
    ...more,
  });
  const url = URL.parse(link.baseUrl);
  if (url === null || !/^https?:$/.test(url.protocol)) {
    return done({ status: null, fault: { code: 'address-invalid', address: shownUrl(link.baseUrl) } });
  }
  if (link.key.kind === 'missing') {
    return done({ status: null, fault: { code: 'key-missing', place: link.key.place } });
  }
  if (link.key.kind === 'withheld') {
    const { place, holder, command } = link.key;
    return done({ status: null, fault: { code: 'key-not-tried', place, holder, command } });
  }
  const api = apis[link.api];
  try {
    const answer = await askTwice(link, model, api, limits);
    const fallbacks = answer.header('x-litellm-attempted-fallbacks');
    return done({
      status: answer.status,
      latencySeconds: answer.seconds,
      fault: faultOf(answer, api, link, url),
      answeredBy: textIn(answer.json, 'model') ?? null,
      proxyFallbacks: fallbacks === undefined ? null : Number(fallbacks),
    });
  } catch (error) {
    const fault = faultOfConnection(connectionFault(error), url, link, limits);
    const isOfTls = fault.code === 'tls-failed';
    // It is told as the check tells it, which looks at the certificate.
    const found = isOfTls ? await certificateFault(url, link, trustedAuthorities(), limits) : undefined;
    return done({ status: null, fault: found ?? fault });
  }
}

/** Whether an answer came to at least one request, and to each that could be sent. */
export function haveAnswered(completions: readonly Completion[]): boolean {
  const sent = completions.filter(({ fault }) => fault?.code !== 'key-not-tried');
  return sent.length > 0 && sent.every(({ fault }) => fault === undefined);
}

/** Asks again when the model refuses `max_tokens`: reasoning models do, and one token is too few for them. */
async function askTwice(link: Link, model: string, api: Api, limits: Limits): Promise<HttpAnswer> {
  const first = await post(link, api.completion(model), api, limits);
  const isAboutTokens =
    first.status === 400 && /max_(?:completion_)?tokens|output limit/.test(refusalOf(first));
  if (!isAboutTokens || link.api !== 'openai-completions') return first;
  return post(link, completionOfThinker(model), api, limits);
}

function completionOfThinker(model: string): object {
  return { model, messages: [{ role: 'user', content: 'ping' }], max_completion_tokens: 16 };
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

function faultOf(
  answer: HttpAnswer,
  api: Api,
  { baseUrl, key }: Link,
  url: URL,
): CompletionFault | undefined {
  const { status } = answer;
  const { host } = url;
  if (status >= 300 && status < 400) return redirection(answer, url);
  if (refusesKey(answer)) {
    return key.kind === 'none'
      ? { code: 'key-missing', place: key.place }
      : { code: 'key-refused', host, status };
  }
  if (status === 429) return { code: 'rate-limited', host };
  if (status >= 400) return statusFault(answer, host);
  return api.isCompletion(answer)
    ? undefined
    : {
        code: 'wrong-service',
        url: shownUrl(api.completionUrl(baseUrl)),
        status,
        expected: 'completion',
        came: contentOf(answer),
      };
}
