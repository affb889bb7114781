/**
 * How the three ways of asking for an answer are spoken, as OpenClaw speaks them.
 *
 * Sources: platform.openai.com/docs/api-reference, docs.anthropic.com/en/api/messages; read: openclaw 2026.9.6
 * (`normalizeAnthropicBaseUrl()`: of an address for Anthropic a `/v1` at the end is taken off).
 */
import type { HttpAnswer } from '../../http/ask.ts';
import { fieldOf, fieldsOf, itemsOf } from '../../json/value.ts';
import { inShort } from '../../secrets/redaction.ts';
import type { ApiName } from './link.ts';

export interface Api {
  modelsUrl(baseUrl: string): string;
  completionUrl(baseUrl: string): string;
  headers(key: string | undefined): Readonly<Record<string, string>>;
  /** The shortest answer there is. */
  completion(model: string): object;
  /** Most tokens that the answer may have. */
  readonly mostTokens: number;
  /** Whether an answer of success is one of this API: some servers answer 200 to anything. */
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
    // OpenAI takes no less than 16.
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

/** LiteLLM answers there what lies behind its models, if the key may know it. */
export function modelInfoUrl(baseUrl: string): string {
  return `${withoutVersion(baseUrl)}/model/info`;
}

/** What a server says of itself when it refuses: `{error: {message}}`, `{error}`, `{detail}`, `{message}`. */
export function refusalOf({ json, text }: HttpAnswer): string {
  const error = fieldOf(json, 'error');
  const said = [fieldOf(error, 'message'), error, ...fieldsOf(json, 'detail', 'message')];
  const words = said.find(each => typeof each === 'string') ?? (json === undefined ? text : '');
  return inShort(words.replaceAll(/\s+/g, ' ').trim(), longestRefusal);
}

const longestRefusal = 160;

/** LiteLLM without a database says so to every key that is not its own (`user_api_key_auth()`; litellm#12273). */
export function refusesKey({ status, json }: HttpAnswer): boolean {
  const isWithoutDatabase = fieldOf(fieldOf(json, 'error'), 'type') === 'no_db_connection';
  return status === 401 || status === 403 || (status === 400 && isWithoutDatabase);
}

function withoutVersion(baseUrl: string): string {
  return baseUrl.replace(/\/v1$/, '');
}
