/**
 * The requests of the three APIs for completions, in the form that OpenClaw uses.
 *
 * Sources: platform.openai.com/docs/api-reference, docs.anthropic.com/en/api/messages; read: openclaw 2026.9.6
 * (`normalizeAnthropicBaseUrl()` removes a `/v1` at the end of an address for Anthropic). With which end an answer counts for failed is
 * decided by its `mapOpenAIStopReason()`, `mapAnthropicStopReason()` and `resolveResponsesTerminalStopReason()`.
 */
import { isPage, wordsOf } from '../../http/content.ts';
import type { HttpAnswer } from '../../http/request.ts';
import { fieldOf, fieldsOf, isList, isMapping, itemsOf, textIn } from '../../json/value.ts';
import { litellmLiveliness } from '../../services/litellm.ts';
import { inShort } from '../../secrets/redaction.ts';
import type { ApiName } from './link.ts';

export interface Api {
  modelsUrl(baseUrl: string): string;
  completionUrl(baseUrl: string): string;
  headers(key: string | undefined): Readonly<Record<string, string>>;
  /** The body of a request for a short answer in events, which is how OpenClaw asks. */
  completion(model: string): Readonly<Record<string, unknown>>;
  /**
   * What a whole document says: OpenClaw takes such a one, too.
   *
   * @returns undefined when it is not of this API: some servers answer 200 to any request
   */
  readDocument(document: unknown): Said | undefined;
  /** What one event of an answer says. */
  readEvent(event: unknown): EventOfAnswer;
  /** The reasons for which an answer may end, for OpenClaw; with any other it counts for failed. */
  readonly ends: Readonly<Record<string, 'complete' | 'at-limit'>>;
}

/** What an answer, or a piece of it, has for whoever asked. */
export interface Said {
  /** Whether it has words to show, or calls a tool. What a model thinks is neither. */
  readonly hasContent: boolean;
  /** Why the answer ends, in the word of its API; undefined where it does not say so. */
  readonly end: string | undefined;
}

/** The most tokens that an answer may have: no more than are needed to see whether they come one by one, and OpenAI takes no less. */
export const mostTokens = 16;

export interface EventOfAnswer extends Said {
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
    readDocument: document => {
      const [choice] = itemsOf(fieldOf(document, 'choices'));
      return choice === undefined ? undefined : saidInChoice(choice);
    },
    readEvent: event => {
      const said = saidInChoice(itemsOf(fieldOf(event, 'choices'))[0]);
      return {
        ...said,
        isOfApi: isList(fieldOf(event, 'choices')),
        isLast: event === '[DONE]' || said.end !== undefined,
        model: textIn(event, 'model'),
        error: fieldOf(event, 'error') === undefined ? undefined : event,
      };
    },
    ends: {
      stop: 'complete',
      end: 'complete',
      function_call: 'complete',
      tool_calls: 'complete',
      tool_call: 'complete',
      length: 'at-limit',
    },
  },
  'openai-responses': {
    ...openai,
    completionUrl: baseUrl => `${baseUrl}/responses`,
    completion: model => ({ model, input: question, max_output_tokens: mostTokens, stream: true }),
    readDocument: document =>
      fieldOf(document, 'object') === 'response' ? saidInResponse(document) : undefined,
    readEvent: event => {
      const type = textIn(event, 'type') ?? '';
      const response = fieldOf(event, 'response');
      const isDelta = /^response\.(?:output_text|refusal|function_call_arguments)\.delta$/.test(type);
      const said = saidInResponse(response);
      return {
        hasContent: said.hasContent || (isDelta && isWords(fieldOf(event, 'delta'))),
        end: type === 'response.incomplete' ? (said.end ?? 'incomplete') : said.end,
        isOfApi: type.startsWith('response.'),
        isLast: /^response\.(?:completed|incomplete|failed)$/.test(type),
        model: textIn(response, 'model'),
        error: type === 'error' ? event : type === 'response.failed' ? response : undefined,
      };
    },
    ends: { incomplete: 'at-limit' },
  },
  'anthropic-messages': {
    modelsUrl: baseUrl => `${withoutVersion(baseUrl)}/v1/models`,
    completionUrl: baseUrl => `${withoutVersion(baseUrl)}/v1/messages`,
    headers: key => ({
      'anthropic-version': '2023-06-01',
      ...(key === undefined ? {} : { 'x-api-key': key }),
    }),
    completion: model => ({ model, messages, max_tokens: mostTokens, stream: true }),
    readDocument: document =>
      fieldOf(document, 'type') === 'message'
        ? {
            hasContent: itemsOf(fieldOf(document, 'content')).some(isContent),
            end: wordIn(document, 'stop_reason'),
          }
        : undefined,
    readEvent: event => {
      const type = textIn(event, 'type') ?? '';
      const delta = fieldOf(event, 'delta');
      return {
        hasContent: isContent(fieldOf(event, 'content_block')) || isWords(fieldOf(delta, 'text')),
        end: wordIn(delta, 'stop_reason'),
        isOfApi: /^(?:message|content_block)_/.test(type),
        isLast: type === 'message_stop' || wordIn(delta, 'stop_reason') !== undefined,
        model: textIn(fieldOf(event, 'message'), 'model'),
        error: type === 'error' ? event : undefined,
      };
    },
    ends: {
      end_turn: 'complete',
      pause_turn: 'complete',
      compaction: 'complete',
      stop_sequence: 'complete',
      tool_use: 'complete',
      max_tokens: 'at-limit',
      model_context_window_exceeded: 'at-limit',
    },
  },
};

/** OpenClaw reads the first choice alone, and a `message` where there is no `delta`. */
function saidInChoice(choice: unknown): Said {
  const said = fieldOf(choice, 'delta') ?? fieldOf(choice, 'message');
  const content = fieldOf(said, 'content');
  const calls = fieldsOf(said, 'tool_calls', 'function_call');
  return {
    hasContent:
      [content, fieldOf(said, 'refusal')].some(isWords) ||
      itemsOf(content).some(isContent) ||
      calls.some(call => isMapping(call) || itemsOf(call).length > 0),
    end: wordIn(choice, 'finish_reason'),
  };
}

/** For OpenClaw, of all reasons to be incomplete only the content filter's is that of a failure. */
function saidInResponse(response: unknown): Said {
  const items = itemsOf(fieldOf(response, 'output'));
  const status = textIn(response, 'status') ?? '';
  const reason = textIn(fieldOf(response, 'incomplete_details'), 'reason');
  const isFiltered = reason === 'content_filter' && status !== 'completed';
  return {
    hasContent: items.some(
      item => isContent(item) || itemsOf(fieldOf(item, 'content')).some(part => isContent(part)),
    ),
    end: isFiltered ? reason : /^(?:incomplete|failed|cancelled)$/.exec(status)?.[0],
  };
}

/** A block of content that is not what the model thinks: words to show, or a call of a tool. */
function isContent(block: unknown): boolean {
  const type = textIn(block, 'type') ?? '';
  if (/thinking|reasoning/i.test(type)) return false;
  return /_(?:use|call)$/.test(type) || fieldsOf(block, 'text', 'refusal').some(isWords);
}

function isWords(value: unknown): boolean {
  return typeof value === 'string' && value.trim() !== '';
}

function wordIn(value: unknown, name: string): string | undefined {
  const word = textIn(value, name);
  return word === '' ? undefined : word;
}

/** The address at which LiteLLM lists the deployments behind its models, if the key permits it. */
export function modelInfoUrl(baseUrl: string): string {
  return `${withoutVersion(baseUrl)}/model/info`;
}

/** LiteLLM's answer that it is alive, which it gives to everybody, without asking a model. */
export function livelinessUrl(baseUrl: string): string {
  return withoutVersion(baseUrl) + litellmLiveliness.path;
}

/** Whether an answer is that of a LiteLLM that is alive: a login page answers 200 to any path. */
export function isAlive({ status, text }: Pick<HttpAnswer, 'status' | 'text'>): boolean {
  const { statuses, bodyIncludes } = litellmLiveliness;
  return statuses.some(good => good === status) && text.includes(bodyIncludes) && !isPage(text);
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

/** An address without the `/v1` at its end. */
export function withoutVersion(baseUrl: string): string {
  return baseUrl.replace(/\/v1$/, '');
}
