/**
 * Writes src/services/openclaw-keys.ts from OpenClaw's own schema: which keys each object of its configuration may have.
 *
 *   openclaw config schema | node scripts/openclaw-keys.ts VERSION > src/services/openclaw-keys.ts
 */
import { readFileSync } from 'node:fs';

/** As much of JSON Schema as OpenClaw's has. */
interface Schema {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: boolean | Schema;
  readonly items?: Schema;
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly allOf?: readonly Schema[];
}

const root: Schema & Readonly<Record<string, unknown>> = JSON.parse(readFileSync(0, 'utf8'));
const version = process.argv[2] ?? 'of an unknown version';
/** Levels that are followed. */
const deepest = 30;
const lines: string[] = [];
const numbers = new Map<string, number>();
const first = numberOf(root, 0);

process.stdout.write(`/** Generated from \`openclaw config schema\` of OpenClaw ${version} by scripts/openclaw-keys.ts. */

/**
 * The objects and lists of the configuration, one each: \`!\` for an object that refuses unknown keys, then its keys; \`=N\` behind a
 * key is the number of what is below it, \`*\` stands for any other key and \`[]\` for the items of a list.
 */
export const openclawShapes: readonly string[] = [
${lines.map(line => `  '${line}',\n`).join('')}];

/** The number of the whole configuration. */
export const openclawRoot = ${first};
`);

/** The number of what a schema allows; undefined where no object below refuses a key. */
function numberOf(schema: Schema, depth: number): number | undefined {
  if (depth > deepest) return undefined;
  const forms = formsOf(schema, depth);
  const objects = forms.filter(
    form => form.properties !== undefined || form.additionalProperties !== undefined,
  );
  // What may be anything, may have any key.
  const isStrict =
    objects.length > 0 &&
    objects.every(({ additionalProperties }) => additionalProperties === false) &&
    forms.every(isNarrow);
  const schemas = new Map<string, Schema[]>();
  const add = (name: string, below: Schema) => schemas.set(name, [...(schemas.get(name) ?? []), below]);
  for (const { properties = {}, additionalProperties: rest } of objects) {
    for (const [name, below] of Object.entries(properties)) add(name, below);
    if (typeof rest === 'object') add('*', rest);
  }
  for (const { items } of forms) if (items !== undefined) add('[]', items);
  const words = [...schemas].map(([name, below]) => {
    const number = numberOf(
      below.length === 1 && below[0] !== undefined ? below[0] : { anyOf: below },
      depth + 1,
    );
    return { name, number };
  });
  if (!isStrict && words.every(({ number }) => number === undefined)) return undefined;
  const shown = words
    .filter(({ name, number }) => number !== undefined || (name !== '*' && name !== '[]'))
    .map(({ name, number }) => (number === undefined ? name : `${name}=${number}`));
  const line = [...(isStrict ? ['!'] : []), ...shown].join(' ');
  const known = numbers.get(line);
  if (known !== undefined) return known;
  const number = lines.push(line) - 1;
  numbers.set(line, number);
  return number;
}

/** The alternatives of a schema, without the schemas that only hold them. */
function formsOf(schema: Schema, depth: number): readonly Schema[] {
  const resolved = resolve(schema);
  const inner = [...(resolved.anyOf ?? []), ...(resolved.oneOf ?? []), ...(resolved.allOf ?? [])];
  if (inner.length === 0 || depth > deepest) return [resolved];
  const own = resolved.properties === undefined ? [] : [resolved];
  return [...own, ...inner.flatMap(each => formsOf(each, depth + 1))];
}

function isNarrow(schema: Schema): boolean {
  return (
    schema.type !== undefined ||
    schema.const !== undefined ||
    schema.enum !== undefined ||
    schema.properties !== undefined
  );
}

/** Schemas of plugins have references that lead nowhere: such a value may be anything. */
function resolve(schema: Schema): Schema {
  if (schema.$ref === undefined) return schema;
  let found: unknown = root;
  for (const part of schema.$ref.replace(/^#\//, '').split('/')) {
    found =
      typeof found === 'object' && found !== null
        ? Object.getOwnPropertyDescriptor(found, part)?.value
        : undefined;
  }
  return typeof found === 'object' && found !== null ? resolve(found) : {};
}
