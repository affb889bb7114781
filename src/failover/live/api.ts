/**
 * The requests of the three APIs for completions, in the form that OpenClaw uses.
 *
 * Sources: platform.openai.com/docs/api-reference, docs.anthropic.com/en/api/messages; read: openclaw 2026.9.6
 * (`normalizeAnthropicBaseUrl()` removes a `/v1` at the end of an address for Anthropic).
 */
import { wordsOf } from '../../http/content.ts';
import type { HttpAnswer } from '../../http/request.ts';
import { fieldOf, fieldsOf, itemsOf } from '../../json/value.ts';
import { inShort } from '../../secrets/redaction.ts';
import type { ApiName } from './link.ts';

export interface Api {
  modelsUrl(baseUrl: string): string;
  completionUrl(baseUrl: string): string;
  headers(key: string | undefined): Readonly<Record<string, string>>;
  /** The body of a request for the shortest possible answer. */
  completion(model: string): object;
  /** The most tokens that the answer may have. */
  readonly mostTokens: number;
  /** Whether a successful answer comes from this API: some servers answer 200 to any request. */
  isCompletion(answer: HttpAnswer): boolean;
}

const openai = {
  modelsUrl: (baseUrl: string) => `${baseUrl}/models`,
  headers: (key: string | undefined): Readonly<Record<string, string>> =>
    key === undefined ? {} : { authorization: `Bearer ${key}` },
};

const question = [{ role: 'user', content: 'ping' }];

export const apis: Readonly<Record<ApiName, Api>> = {
  'openai-completions': {
    ...openai,
    completionUrl: baseUrl => `${baseUrl}/chat/completions`,
    completion: model => ({ model, messages: question, max_tokens: 1 }),
    mostTokens: 1,
    isCompletion: ({ json }) => itemsOf(fieldOf(json, 'choices')).length > 0,
  },
  'openai-responses': {
    ...openai,
    completionUrl: baseUrl => `${baseUrl}/responses`,
    // OpenAI accepts no value below 16.
    completion: model => ({ model, input: 'ping', max_output_tokens: 16 }),
    mostTokens: 16,
    isCompletion: ({ json }) => fieldOf(json, 'object') === 'response',
  },
  'anthropic-messages': {
    modelsUrl: baseUrl => `${withoutVersion(baseUrl)}/v1/models`,
    completionUrl: baseUrl => `${withoutVersion(baseUrl)}/v1/messages`,
    headers: key => ({
      'anthropic-version': '2023-06-01',
      ...(key === undefined ? {} : { 'x-api-key': key }),
    }),
    completion: model => ({ model, messages: question, max_tokens: 1 }),
    mostTokens: 1,
    isCompletion: ({ json }) => fieldOf(json, 'type') === 'message',
  },
};

/** The address at which LiteLLM lists the deployments behind its models, if the key permits it. */
export function modelInfoUrl(baseUrl: string): string {
  return `${withoutVersion(baseUrl)}/model/info`;
}

/** The error message in an answer: `{error: {message}}`, `{error}`, `{detail}` or `{message}`; of a page its title. */
export function refusalOf({ json, text }: HttpAnswer): string {
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
