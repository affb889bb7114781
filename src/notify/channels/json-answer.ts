/** Reads answers that are JSON. */
import type { HttpAnswer } from '../../http/request.ts';
import { fieldOf, fieldsOf, isList, isMapping, textIn } from '../../json/value.ts';

export function hasField({ json }: HttpAnswer, name: string): boolean {
  return fieldOf(json, name) !== undefined;
}

/** The first of several fields that is a text. */
export function errorText({ json }: HttpAnswer, ...names: readonly string[]): string | undefined {
  return names.map(name => fieldOf(json, name)).find(value => typeof value === 'string');
}

export function numberIn({ json }: HttpAnswer, name: string): number | undefined {
  const value = fieldOf(json, name);
  return typeof value === 'number' ? value : undefined;
}

/**
 * Whether an answer with a status of success says in usual words that it is none. One that says nothing of the kind is an answer to the
 * letter: taken for a failure, the letter would come again and again.
 *
 * The numbers are those of DingTalk and WeCom (`{"errcode":0,"errmsg":"ok"}`: open.dingtalk.com, "Custom robot";
 * developer.work.weixin.qq.com/document/path/91770) and of Feishu (`{"code":0,"msg":"success"}`: open.feishu.cn, "Custom bot usage guide").
 */
export function saysFailure({ json }: Pick<HttpAnswer, 'json'>): boolean {
  if (!isMapping(json)) return false;
  const flags = fieldsOf(json, 'ok', 'success');
  const states = fieldsOf(json, 'status', 'result').filter(state => typeof state === 'string');
  if (flags.includes(false) || states.some(state => /^(?:error|fail(?:ed|ure)?)$/i.test(state))) return true;
  if (saysFailedCode(json)) return true;
  const isFlagged = flags.includes(true) || states.some(state => /^(?:ok|success)$/i.test(state));
  return !isFlagged && fieldsOf(json, 'error', 'errors').some(isSomething);
}

/** Others have codes of their own beside a `msg`: 200, or 1 with a word for success. */
function saysFailedCode(json: unknown): boolean {
  const errcode = fieldOf(json, 'errcode');
  if (typeof errcode === 'number') return errcode !== 0;
  const code = fieldOf(json, 'code');
  const said = textIn(json, 'errmsg') ?? textIn(json, 'msg');
  if (typeof code !== 'number' || said === undefined) return false;
  return code !== 0 && !(code >= 200 && code < 300) && !/^(?:ok|success|.{0,2}成功)/i.test(said);
}

function isSomething(value: unknown): boolean {
  if (isList(value)) return value.length > 0;
  if (isMapping(value)) return Object.keys(value).length > 0;
  return typeof value === 'string' ? value !== '' : value === true;
}

/** The words for a failure in an answer whose form is not known. */
export function failureText({ json }: Pick<HttpAnswer, 'json'>): string | undefined {
  const [error, errors] = fieldsOf(json, 'error', 'errors');
  const first = isList(errors) ? errors[0] : errors;
  const said = [
    ...[error, first].flatMap(each => [each, fieldOf(each, 'message')]),
    ...fieldsOf(json, 'errmsg', 'msg', 'message', 'description', 'detail', 'reason'),
  ];
  return said.filter(each => typeof each === 'string').find(each => each !== '');
}
