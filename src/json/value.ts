/** Examines parsed values that others have written: JSON, JSON5, YAML, the answer of a server or of a bus. */

/** Whether a value is a mapping of names to values: an object of JSON. */
export function isMapping(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !isList(value);
}

/** Whether a value is a list: an array of JSON. */
export function isList(value: unknown): value is readonly unknown[] {
  return Array.isArray(value);
}

export function fieldOf(value: unknown, name: string): unknown {
  return isMapping(value) ? Object.getOwnPropertyDescriptor(value, name)?.value : undefined;
}

export function fieldsOf(value: unknown, ...names: readonly string[]): readonly unknown[] {
  return names.map(name => fieldOf(value, name));
}

export function itemsOf(value: unknown): readonly unknown[] {
  return isList(value) ? value : [];
}

export function textIn(value: unknown, name: string): string | undefined {
  const text = fieldOf(value, name);
  return typeof text === 'string' ? text : undefined;
}
