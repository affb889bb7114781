/** Every effective value and the line that sets it, for `daruma config show`. */
import { allRules } from '../check/rules/index.ts';
import { withoutKnownSecrets, withoutSecrets, wordsWithoutSecrets } from '../secrets/redaction.ts';
import type { SourceLine } from '../systemd/service-settings.ts';
import type { Path } from './faults.ts';
import type { Configuration } from './read.ts';
import { notifyDefaults, probeDefaults } from './defaults.ts';
import { isSecretReference, type WrittenProbe } from './schema.ts';
import { serviceName } from '../systemd/unit-name.ts';

type Value = string | number | boolean | readonly (string | number)[];

export interface EffectiveValue {
  /** The keys from the root to this one; units have their full names. */
  readonly path: readonly string[];
  /** The value as it would be written in the file, without secrets. */
  readonly value: Value;
  /** Null for a default. */
  readonly source: SourceLine | null;
}

/** Lists the effective values in the order of the reference, without secrets. Only units that the file names are listed. */
export function effectiveValues(configuration: Configuration | undefined): readonly EffectiveValue[] {
  const { rules: severityOf, units } = configuration?.written ?? {};
  const sourceOf = (path: Path) => configuration?.sourceOf(path) ?? null;
  const ofRules = allRules.map(({ id, severity }) => {
    const path = ['rules', id];
    return { path, value: severityOf?.[id] ?? severity, source: sourceOf(path) };
  });
  const ofUnits = Object.entries(units ?? {}).flatMap(([name, unit]) => {
    const written = [
      { path: ['critical'], value: unit?.critical ?? true },
      ...probeValues(unit?.probe),
      ...Object.entries(unit?.ignore ?? {}).map(([rule, reason]) => ({
        path: ['ignore', rule],
        value: reason,
      })),
    ];
    return written.map(({ path, value }) => ({
      path: ['units', serviceName(name), ...path],
      value,
      source: sourceOf(['units', name, ...path]),
    }));
  });
  const values = [...ofRules, ...ofUnits, ...ofMessages(configuration), ...ofNodes(configuration)];
  return values.map(each => ({ ...each, value: shown(each.value) }));
}

/** A value without secrets that were written in clear text. A reference to a secret is shown. */
function shown(value: Value): Value {
  if (typeof value === 'string')
    return isSecretReference(value) ? withoutKnownSecrets(value) : withoutSecrets(value);
  if (typeof value !== 'object') return value;
  const texts = value.map(String);
  const left = wordsWithoutSecrets(texts);
  return value.map((item, index) => (left[index] === texts[index] ? item : (left[index] ?? '')));
}

function ofMessages(configuration: Configuration | undefined): readonly EffectiveValue[] {
  const { channels, quiet, templates, ...rest } = configuration?.written.notify ?? {};
  const section = sectionOf(configuration);
  return [
    ...section(['notify'], { ...notifyDefaults, ...rest }),
    ...section(['notify', 'quiet'], quiet),
    ...section(['notify', 'templates'], templates),
    ...(channels ?? []).flatMap((channel, index) => section(['notify', 'channels', index], channel)),
  ];
}

function ofNodes(configuration: Configuration | undefined): readonly EffectiveValue[] {
  const section = sectionOf(configuration);
  return (configuration?.written.nodes ?? []).flatMap((node, index) => section(['nodes', index], node));
}

/** Returns a function that lists the values of the mapping at a path. */
function sectionOf(configuration: Configuration | undefined) {
  return (head: Path, values: object | null | undefined): readonly EffectiveValue[] =>
    Object.entries(values ?? {}).map(([key, value]: [string, Value]) => ({
      path: [...head, key].map(String),
      value,
      source: configuration?.sourceOf([...head, key]) ?? null,
    }));
}

function probeValues(
  probe: WrittenProbe | undefined,
): readonly { readonly path: readonly string[]; readonly value: Value }[] {
  if (probe === undefined) return [];
  if (probe === 'auto') return [{ path: ['probe'], value: probe }];
  const defaults = 'http' in probe ? { status: '200-299', ...probeDefaults } : probeDefaults;
  const values: Readonly<Record<string, Value | undefined>> = { ...defaults, ...probe };
  return probeKeys.flatMap(key => {
    const value = values[key];
    return value === undefined ? [] : [{ path: ['probe', key], value }];
  });
}

const probeKeys = [
  'http',
  'tcp',
  'unix',
  'command',
  'status',
  'body',
  'interval',
  'timeout',
  'failures',
  'grace',
] as const satisfies readonly Keys<Exclude<WrittenProbe, 'auto'>>[];

/** The keys of every member of a union. */
type Keys<T> = T extends object ? keyof T : never;
