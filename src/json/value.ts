/** Looks into what a server has answered, whatever that is. */

export function fieldOf(json: unknown, name: string): unknown {
  return typeof json === 'object' && json !== null
    ? Object.getOwnPropertyDescriptor(json, name)?.value
    : undefined;
}

export function fieldsOf(json: unknown, ...names: readonly string[]): readonly unknown[] {
  return names.map(name => fieldOf(json, name));
}

export function itemsOf(json: unknown): readonly unknown[] {
  return Array.isArray(json) ? json : [];
}

export function textIn(json: unknown, name: string): string | undefined {
  const value = fieldOf(json, name);
  return typeof value === 'string' ? value : undefined;
}
