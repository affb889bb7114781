/** Converts the issues that the schema reports into faults of the file. */
import type * as z from 'zod/mini';
import { isList, isMapping } from '../json/value.ts';
import { nearest } from '../systemd/nearest.ts';
import { configurationJsonSchema, type SchemaNode } from './json-schema.ts';
import type { Expectation, ConfigurationFault } from './problem.ts';

type Issue = z.core.$ZodIssue;
export type Path = readonly PropertyKey[];

/** A fault with the path of the value or key that it is about. */
export interface LocatedFault {
  readonly path: Path;
  readonly at: 'key' | 'value';
  readonly fault: ConfigurationFault;
}

/**
 * The faults behind the issues, without duplicates.
 *
 * @param written the whole content of the file
 */
export function faultsOf(issues: readonly Issue[], written: unknown): readonly LocatedFault[] {
  const schema = configurationJsonSchema();
  return issues.flatMap(issue => faultsOfIssue(issue, schema, written, []));
}

function faultsOfIssue(
  issue: Issue,
  schema: SchemaNode,
  written: unknown,
  above: Path,
): readonly LocatedFault[] {
  const path = [...above, ...issue.path];
  const { node, value } = issue.path.reduce(descend, { node: schema, value: written });
  if (value === undefined) return [missingKeyFault(path)];
  switch (issue.code) {
    case 'unrecognized_keys': {
      const faultOf = unknownKeys(mappingOf(node, value), value);
      return issue.keys.map(key => ({ path: [...path, key], at: 'key', fault: faultOf(key) }));
    }
    case 'invalid_key':
      return [{ path, at: 'key', fault: unexpected(issue.issues[0]?.message ?? issue.message) }];
    case 'invalid_value':
      return [{ path, at: 'value', fault: notOneOf(value, issue.values.map(String)) }];
    case 'invalid_union':
      if (issue.discriminator !== undefined) {
        const kinds = issue.path.slice(0, -1).reduce(descend, { node: schema, value: written });
        return [kindFault(issue.discriminator, kinds.node, value, path)];
      }
      return unionFaults(issue, node, value, path);
    default:
      return [{ path, at: 'value', fault: unexpected(issue.message) }];
  }
}

/** The fault of a mapping whose kind is named by one of its keys, as for channels (`type`). */
function kindFault(key: string, kinds: SchemaNode, value: unknown, path: Path): LocatedFault {
  const choices = (kinds.oneOf ?? []).flatMap(({ properties }) => {
    const property = properties?.[key];
    return typeof property === 'object' && property.const !== undefined ? [String(property.const)] : [];
  });
  return { path, at: 'value', fault: notOneOf(value, choices) };
}

function missingKeyFault(path: Path): LocatedFault {
  const keys = path.slice(-1).map(String);
  return { path: path.slice(0, -1), at: 'value', fault: { code: 'needs-one-of', keys } };
}

/** The faults of a mapping whose kind is shown by a key that only this kind requires, as for probes. */
function unionFaults(
  issue: Extract<Issue, { code: 'invalid_union' }>,
  node: SchemaNode,
  value: unknown,
  path: Path,
): readonly LocatedFault[] {
  const kinds = (node.anyOf ?? []).flatMap((kind, index) => {
    const key = kind.required?.[0];
    return key === undefined ? [] : [{ key, kind, issues: issue.errors[index] ?? [] }];
  });
  if (kinds.length === 0 || !isMapping(value))
    return [{ path, at: 'value', fault: unexpected(issue.message) }];
  const keys = kinds.map(({ key }) => key);
  const given = Object.keys(value);
  const meant = kinds.filter(({ key }) => given.includes(key));
  const [only, another] = meant;
  if (another !== undefined) {
    return [{ path, at: 'key', fault: { code: 'only-one-of', keys: meant.map(({ key }) => key) } }];
  }
  if (only !== undefined) return only.issues.flatMap(each => faultsOfIssue(each, only.kind, value, path));
  const known = new Set(kinds.flatMap(({ kind }) => Object.keys(kind.properties ?? {})));
  const strange = given.filter(key => !known.has(key));
  if (strange.length === 0) return [{ path, at: 'key', fault: { code: 'needs-one-of', keys } }];
  return strange.map(key => ({
    path: [...path, key],
    at: 'key',
    fault: { code: 'unknown-key', key, known: keys, ...suggestionFor(key, keys) },
  }));
}

/** Returns a function that gives the fault of an unknown key; each line of a file may contain one. */
function unknownKeys(node: SchemaNode, value: unknown): (key: string) => ConfigurationFault {
  const names = node.propertyNames;
  if (typeof names === 'object' && names.enum !== undefined) {
    const rules = names.enum.map(String);
    return key => ({ code: 'unknown-rule', rule: key, ...suggestionFor(key, rules) });
  }
  const known = Object.keys(node.properties ?? {});
  const free = known.filter(name => !isMapping(value) || !Object.hasOwn(value, name));
  return key => ({ code: 'unknown-key', key, known, ...suggestionFor(key, free) });
}

function notOneOf(value: unknown, choices: readonly string[]): ConfigurationFault {
  return {
    code: 'not-one-of',
    choices,
    ...(typeof value === 'string' ? suggestionFor(value, choices) : {}),
  };
}

/** The error messages in `schema.ts` are the names of what is expected. */
function unexpected(message: string): ConfigurationFault {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- schema.ts gives every check one of these
  return { code: 'unexpected', expected: message as Expectation };
}

function suggestionFor(word: string, candidates: readonly string[]): { readonly suggestion?: string } {
  const suggestion = nearest(word, candidates);
  return suggestion === undefined ? {} : { suggestion };
}

interface Place {
  readonly node: SchemaNode;
  readonly value: unknown;
}

/** The value of a key, with its schema. */
function descend({ node, value }: Place, key: PropertyKey): Place {
  const mapping = mappingOf(node, value);
  const list = [node, ...(node.anyOf ?? [])].find(({ items }) => items !== undefined);
  const child = mapping.properties?.[String(key)] ?? mapping.additionalProperties ?? list?.items;
  const isOne = typeof child === 'object' && !Array.isArray(child);
  return { node: isOne ? child : {}, value: entryOf(value, key) };
}

/** The schema of the mapping that is meant, when there are alternatives. */
function mappingOf(node: SchemaNode, value: unknown): SchemaNode {
  const mappings = [...(node.anyOf ?? []), ...(node.oneOf ?? [])].filter(({ type }) => type === 'object');
  const meant =
    mappings.find(mapping => isOfKind(mapping, value)) ??
    mappings.find(({ required = [] }) => required.every(key => entryOf(value, key) !== undefined));
  return meant ?? mappings[0] ?? node;
}

/** Whether a value names this kind, as channels do by their `type`. */
function isOfKind({ properties = {} }: SchemaNode, value: unknown): boolean {
  return Object.entries(properties).some(
    ([key, property]) =>
      typeof property === 'object' && property.const !== undefined && property.const === entryOf(value, key),
  );
}

/** An entry of a list or mapping. */
function entryOf(value: unknown, key: PropertyKey): unknown {
  return isList(value) || isMapping(value) ? Object.getOwnPropertyDescriptor(value, key)?.value : undefined;
}
