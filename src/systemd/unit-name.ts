/**
 * Names of units. Source: systemd.unit(5) "Description", `unit_name_is_valid()`, `unit_name_unescape()`,
 * `unit_name_path_unescape()`.
 */

/**
 * The types of units, by the suffix of their names. Source: systemd(1), "Units"; `unit_type_table` in `src/basic/unit-def.c`.
 *
 * @example
 * import { unitTypes } from 'daruma/systemd';
 *
 * unitTypes.slice(0, 3); // [ 'service', 'socket', 'target' ]
 */
export const unitTypes = [
  'service',
  'socket',
  'target',
  'device',
  'mount',
  'automount',
  'swap',
  'timer',
  'path',
  'slice',
  'scope',
] as const;

/** The type of a unit, which the suffix of its name says. */
export type UnitType = (typeof unitTypes)[number];

/** A valid unit name and its parts. */
export interface UnitName {
  /** The whole name, such as `proxy@blue.service`. */
  readonly name: string;
  readonly type: UnitType;
  /** `proxy` of `proxy@blue.service`; the name without its suffix for a plain unit. */
  readonly prefix: string;
  /** `blue` of `proxy@blue.service`, still escaped; undefined for plain units and templates. */
  readonly instance: string | undefined;
  /** `instance`: `proxy@blue.service`; `template`: `proxy@.service`; `plain`: `proxy.service`. */
  readonly kind: 'plain' | 'instance' | 'template';
}

/**
 * Splits a unit name into its parts.
 *
 * Source: systemd.unit(5), "Description"; `unit_name_is_valid()` in `src/basic/unit-name.c`.
 *
 * @returns undefined when systemd does not accept the name
 * @example
 * import { parseUnitName } from 'daruma/systemd';
 *
 * parseUnitName('proxy@blue.service')?.instance; // 'blue'
 * parseUnitName('proxy@.service')?.kind; // 'template'
 * parseUnitName('proxy'); // undefined
 */
export function parseUnitName(name: string): UnitName | undefined {
  // A loop would be as fast after a thousand names, and take a tenth of a short command before.
  if (name.length > unitNameMax || notInNames.test(name)) return undefined;
  const dot = name.lastIndexOf('.');
  const at = name.indexOf('@');
  const type = typeBySuffix.get(name.slice(dot + 1));
  if (type === undefined || dot <= 0 || at === 0) return undefined;
  if (at === -1) return { name, type, prefix: name.slice(0, dot), instance: undefined, kind: 'plain' };
  const prefix = name.slice(0, at);
  if (at + 1 === dot) return { name, type, prefix, instance: undefined, kind: 'template' };
  return { name, type, prefix, instance: name.slice(at + 1, dot), kind: 'instance' };
}

/** `proxy@.service` of `proxy@blue.service`; undefined for other kinds of names. */
export function templateOf(name: UnitName): string | undefined {
  return name.kind === 'instance' ? `${name.prefix}@.${name.type}` : undefined;
}

/** `proxy@blue.service` of `proxy@.service` and `blue`. */
export function withInstance(template: UnitName, instance: string): string {
  return `${template.prefix}@${instance}.${template.type}`;
}

/**
 * Undoes the escaping of an instance or prefix, as `%I` does: `-` stands for a slash, `\xNN` for a byte; a NUL byte ends the text.
 *
 * @returns undefined when an escape is broken
 */
export function unescapeUnitName(text: string): string | undefined {
  const bytes: number[] = [];
  for (let index = 0; index < text.length; index += 1) {
    const character = text.charAt(index);
    if (character === '-') {
      bytes.push(slash);
    } else if (character === '\\') {
      const digits = /^x([0-9a-fA-F]{2})/.exec(text.slice(index + 1))?.[1];
      if (digits === undefined) return undefined;
      bytes.push(Number.parseInt(digits, 16));
      index += 3;
    } else {
      bytes.push(character.charCodeAt(0));
    }
  }
  const end = bytes.indexOf(0);
  return Buffer.from(end === -1 ? bytes : bytes.slice(0, end)).toString('utf8');
}

/**
 * Undoes the escaping of a path, as `%f` does.
 *
 * @returns undefined when an escape is broken, or the result is no normalized absolute path
 * @example
 * unescapeUnitPath('var-lib'); // '/var/lib'
 * unescapeUnitPath('-'); // '/'
 * unescapeUnitPath('var--lib'); // undefined
 */
export function unescapeUnitPath(text: string): string | undefined {
  if (text === '-') return '/';
  const unescaped = unescapeUnitName(text);
  if (unescaped === undefined) return undefined;
  const isNormalized = unescaped.split('/').every(component => !['', '.', '..'].includes(component));
  return isNormalized ? `/${unescaped}` : undefined;
}

/**
 * The names whose `NAME.d/` folders apply to a unit of this name, most specific first: itself, its template, and each
 * prefix that ends in a dash (systemd.unit(5): "foo-bar-baz.service ... foo-bar-.service.d/, foo-.service.d/").
 */
export function dropInNames({ name, type, prefix, instance, kind }: UnitName): readonly string[] {
  const shorter = dashPrefixes(prefix);
  // The prefix of a template is a plain name: `foo-.service` of `foo-bar@.service`.
  const plain = shorter.map(dashed => `${dashed}.${type}`);
  if (kind !== 'instance') return [name, ...plain];
  const ofInstance = (dashed: string) => [`${dashed}@${instance ?? ''}.${type}`, `${dashed}@.${type}`];
  return [...ofInstance(prefix), ...plain, ...shorter.flatMap(ofInstance)];
}

/** The full name of a unit that is given as people give it, where `.service` may be left out. */
export function serviceName(given: string): string {
  return parseUnitName(given) === undefined ? `${given}.service` : given;
}

/** The name of a service as people give it, without `.service`; any other name stays as it is. */
export function shortServiceName(unit: string): string {
  return unit.replace(/\.service$/, '');
}

/** The most bytes that a name may have: a file name holds no more (`UNIT_NAME_MAX`). */
export const unitNameMax = 255;

/** A character that may not be part of a name (`VALID_CHARS_WITH_AT`). */
const notInNames = /[^0-9A-Za-z:_.\\@-]/;

const typeBySuffix: ReadonlyMap<string, UnitType> = new Map(unitTypes.map(type => [type, type]));

const slash = 0x2f;

/** `foo-bar-` and `foo-` of `foo-bar-baz`: the beginnings that end in a dash, longest first. */
function dashPrefixes(prefix: string): readonly string[] {
  const prefixes: string[] = [];
  // A dash at the very end or at the very start does not count.
  for (let dash = prefix.lastIndexOf('-', prefix.length - 2); dash > 0; ) {
    prefixes.push(prefix.slice(0, dash + 1));
    dash = prefix.lastIndexOf('-', dash - 1);
  }
  return prefixes;
}
