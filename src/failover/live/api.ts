/**
 * The requests of the three APIs for completions, in the form that OpenClaw uses.
 *
 * Sources: platform.openai.com/docs/api-reference, docs.anthropic.com/en/api/messages; read: openclaw 2026.9.6
 * (`normalizeAnthropicBaseUrl()` removes a `/v1` at the end of an address for Anthropic).
 */
import { wordsOf } from '../../http/content.ts';
import type { HttpAnswer } from '../../http/request.ts';
import { fieldOf, fieldsOf, isList, itemsOf, textIn } from '../../json/value.ts';
import { inShort } from '../../secrets/redaction.ts';
import type { ApiName } from './link.ts';

export interface Api {
  modelsUrl(baseUrl: string): string;
  completionUrl(baseUrl: string): string;
  headers(key: string | undefined): Readonly<Record<string, string>>;
  /** The body of a request for a short answer in events, which is how OpenClaw asks. */
  completion(model: string): Readonly<Record<string, unknown>>;
  /** Whether a whole document comes from this API: some servers answer 200 to any request, and OpenClaw takes such a document, too. */
  isCompletion(document: unknown): boolean;
  /** What one event of an answer says. */
  readEvent(event: unknown): EventOfAnswer;
}

/** The most tokens that an answer may have: no more than are needed to see whether they come one by one, and OpenAI takes no less. */
export const mostTokens = 16;

export interface EventOfAnswer {
  /** Whether it is an event of this API. */
  readonly isOfApi: boolean;
  /** Whether the answer is complete with it. OpenClaw takes an answer for failed that ends without. */
  readonly isLast: boolean;
  readonly model: string | undefined;
  /** The document of an error; undefined for any other event. */
  readonly error: unknown;
}

const openai = {
  modelsUrl: (baseUrl: string) => `${baseUrl}/models`,
  headers: (key: string | undefined): Readonly<Record<string, string>> =>
    key === undefined ? {} : { authorization: `Bearer ${key}` },
};

const question = 'Count from 1 to 20.';
const messages = [{ role: 'user', content: question }];

export const apis: Readonly<Record<ApiName, Api>> = {
  'openai-completions': {
    ...openai,
    completionUrl: baseUrl => `${baseUrl}/chat/completions`,
    completion: model => ({ model, messages, max_tokens: mostTokens, stream: true }),
    isCompletion: document => itemsOf(fieldOf(document, 'choices')).length > 0,
    readEvent: event => ({
      isOfApi: isList(fieldOf(event, 'choices')),
      isLast:
        event === '[DONE]' ||
        itemsOf(fieldOf(event, 'choices')).some(choice => textIn(choice, 'finish_reason') !== undefined),
      model: textIn(event, 'model'),
      error: fieldOf(event, 'error') === undefined ? undefined : event,
    }),
  },
  'openai-responses': {
    ...openai,
    completionUrl: baseUrl => `${baseUrl}/responses`,
    completion: model => ({ model, input: question, max_output_tokens: mostTokens, stream: true }),
    isCompletion: document => fieldOf(document, 'object') === 'response',
    readEvent: event => {
      const type = textIn(event, 'type') ?? '';
      const response = fieldOf(event, 'response');
      return {
        isOfApi: type.startsWith('response.'),
        isLast: /^response\.(?:completed|incomplete|failed)$/.test(type),
        model: textIn(response, 'model'),
        error: type === 'error' ? event : type === 'response.failed' ? response : undefined,
      };
    },
  },
  'anthropic-messages': {
    modelsUrl: baseUrl => `${withoutVersion(baseUrl)}/v1/models`,
    completionUrl: baseUrl => `${withoutVersion(baseUrl)}/v1/messages`,
    headers: key => ({
      'anthropic-version': '2023-06-01',
      ...(key === undefined ? {} : { 'x-api-key': key }),
    }),
    completion: model => ({ model, messages, max_tokens: mostTokens, stream: true }),
    isCompletion: document => fieldOf(document, 'type') === 'message',
    readEvent: event => {
      const type = textIn(event, 'type') ?? '';
      return {
        isOfApi: /^(?:message|content_block)_/.test(type),
        isLast: type === 'message_stop' || textIn(fieldOf(event, 'delta'), 'stop_reason') !== undefined,
        model: textIn(fieldOf(event, 'message'), 'model'),
        error: type === 'error' ? event : undefined,
      };
    },
  },
};

/** The address at which LiteLLM lists the deployments behind its models, if the key permits it. */
export function modelInfoUrl(baseUrl: string): string {
  return `${withoutVersion(baseUrl)}/model/info`;
}

/** LiteLLM's answer that it is alive, which it gives to everybody, without asking a model. */
export function livelinessUrl(baseUrl: string): string {
  return `${withoutVersion(baseUrl)}/health/liveliness`;
}

/** The error message in an answer: `{error: {message}}`, `{error}`, `{detail}` or `{message}`; of a page its title. */
export function refusalOf({ json, text }: Pick<HttpAnswer, 'json' | 'text'>): string {
  const error = fieldOf(json, 'error');
  const said = [fieldOf(error, 'message'), error, ...fieldsOf(json, 'detail', 'message')];
  const words = said.find(each => typeof each === 'string') ?? (json === undefined ? wordsOf(text) : '');
  return inShort(words.replaceAll(/\s+/g, ' ').trim(), longestRefusal);
}

const longestRefusal = 160;

/** LiteLLM without a database answers `no_db_connection` to every key but its master key (`user_api_key_auth()`; litellm#12273). */
export function refusesKey({ status, json }: HttpAnswer): boolean {
  const isWithoutDatabase = fieldOf(fieldOf(json, 'error'), 'type') === 'no_db_connection';
  return status === 401 || status === 403 || (status === 400 && isWithoutDatabase);
}

function withoutVersion(baseUrl: string): string {
  return baseUrl.replace(/\/v1$/, '');
}
