/** Finds where secrets are in configuration files, without their values. */
import { type Json5Node, json5Places, memberOf, parseJson5 } from '../services/json5.ts';
import { type KeyNames, namedKey } from '../services/openclaw-key.ts';
import { parseYaml, yaml } from '../services/yaml.ts';
import type { Source } from '../systemd/service-settings.ts';
import { parseEnvironmentFile } from '../systemd/values/environment-file.ts';
import { isSecret } from './recognition.ts';

export interface SecretPlace {
  /** The name of the variable, or the path of the key: `channels.telegram.botToken`. */
  readonly key: string;
  /** Counts from 1. */
  readonly line: number;
}

export type SecretFileFormat = 'environment' | 'json5' | 'yaml' | 'haproxy';

/** A file that may contain secrets. */
export type SecretFile =
  | { readonly file: string; readonly format: SecretFileFormat }
  /** Whoever names it knows that it holds secrets; it may contain nothing but one, so that its lines are not shown. */
  | {
      readonly file: string;
      readonly format: 'named';
      /** The settings that name it or that stand in it. */
      readonly keys: readonly string[];
      readonly source: Source | null;
    };

/**
 * Finds the secrets that a file contains in clear; a reference to a variable or another file is no secret.
 *
 * @param version version of systemd, which decides how environment files are read
 * @returns nothing for a file that cannot be parsed
 */
export function secretsIn(text: string, format: SecretFileFormat, version: number): readonly SecretPlace[] {
  return found(text, format, version).map(({ key, line }) => ({ key, line }));
}

/** The same secrets themselves, to be taken out of other texts; never shown. */
export function secretValuesIn(text: string, format: SecretFileFormat, version: number): readonly string[] {
  return found(text, format, version).map(({ value }) => value);
}

interface FoundSecret extends SecretPlace {
  readonly value: string;
}

function found(text: string, format: SecretFileFormat, version: number): readonly FoundSecret[] {
  try {
    switch (format) {
      case 'environment':
        return parseEnvironmentFile(text, version).flatMap(({ name, value, line }) =>
          isSecret(name, value) ? [{ key: name, line, value }] : [],
        );
      case 'json5':
        return secretsOfJson(text);
      case 'yaml':
        return secretsOfYaml(text);
      case 'haproxy':
        return secretsOfHaproxy(text);
      default:
        return format satisfies never;
    }
  } catch {
    return [];
  }
}

/** The variables that HAProxy is given as daruma writes them: `setenv NAME 'value'`. */
function secretsOfHaproxy(text: string): readonly FoundSecret[] {
  return text.split('\n').flatMap((line, index) => {
    const [keyword, key = '', ...rest] = line.trim().split(' ');
    const value = rest.join(' ').replace(/^'|'$/g, '').replaceAll(String.raw`'\''`, "'");
    return keyword === 'setenv' && isSecret(key, value) ? [{ key, line: index + 1, value }] : [];
  });
}

function secretsOfJson(text: string): readonly FoundSecret[] {
  const placeOf = json5Places(text);
  const root = parseJson5(text);
  const names = keyNamesOf(root);
  const visit = (node: Json5Node, path: readonly string[], name: string): readonly FoundSecret[] => {
    switch (node.kind) {
      case 'object':
        return node.members.flatMap(({ key, value }) => visit(value, [...path, key], key));
      case 'array':
        return node.items.flatMap((item, index) => visit(item, [...path, String(index)], name));
      case 'scalar':
        return typeof node.value === 'string' &&
          isSecret(name, node.value) &&
          !(name === 'apiKey' && namedKey(node.value, names) !== undefined)
          ? [{ key: path.join('.'), line: placeOf(node.start).line, value: node.value }]
          : [];
      default:
        return node satisfies never;
    }
  };
  return visit(root, [], '');
}

/** The names of keys that OpenClaw has elsewhere. */
function keyNamesOf(root: Json5Node): KeyNames {
  const at = (node: Json5Node | undefined, name: string) => node && memberOf(node, name)?.value;
  const keysOf = (node: Json5Node | undefined) =>
    new Set(node?.kind === 'object' ? node.members.map(({ key }) => key) : []);
  return {
    profiles: keysOf(at(at(root, 'auth'), 'profiles')),
    providers: keysOf(at(at(root, 'models'), 'providers')),
  };
}

function secretsOfYaml(text: string): readonly FoundSecret[] {
  const { isMap, isScalar, isSeq, LineCounter } = yaml();
  const lines = new LineCounter();
  const secrets: FoundSecret[] = [];
  const visit = (node: unknown, path: readonly string[], name: string) => {
    if (isMap(node)) {
      for (const { key, value } of node.items) {
        const own = isScalar(key) ? String(key.value) : '';
        visit(value, [...path, own], own);
      }
    } else if (isSeq(node)) {
      node.items.forEach((item, index) => visit(item, [...path, String(index)], name));
    } else if (isScalar(node) && typeof node.value === 'string' && isSecret(name, node.value)) {
      const { line } = lines.linePos(node.range?.[0] ?? 0);
      secrets.push({ key: path.join('.'), line, value: node.value });
    }
  };
  // Syntax errors do not matter here.
  visit(parseYaml(text, { lineCounter: lines })?.contents, [], '');
  return secrets;
}
