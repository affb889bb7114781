/** Reads answers that are JSON. */
import type { HttpAnswer } from '../../http/request.ts';
import { fieldOf } from '../../json/value.ts';

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
