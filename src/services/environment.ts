/**
 * The environment variables of a service, as far as its unit sets them. Their values may be secrets: they are used to
 * determine ports and paths, and never become part of a finding.
 * Source: systemd.exec(5) "Environment"; `exec_context_load_environment()`, `build_environment()` in `exec-invoke.c`.
 */
import path from 'node:path';
import type { Host } from '../systemd/host/host.ts';
import type { SourceLine } from '../systemd/service-settings.ts';
import type { Unit } from '../systemd/unit.ts';
import { parseEnvironmentFile } from '../systemd/values/environment-file.ts';
import { globMatcher } from '../systemd/values/glob.ts';
import { extractWords, type WordOptions } from '../systemd/values/words.ts';
import { inheritedVariables } from './inherited-environment.ts';
import { byDefault, type Origin } from './origin.ts';
import type { OwnFiles } from './own-files.ts';

export interface EnvironmentVariable {
  readonly value: string;
  readonly origin: Origin;
}

export interface ServiceEnvironment {
  readonly variables: ReadonlyMap<string, EnvironmentVariable>;
  /** False when a file cannot be read: it may set any variable. */
  readonly isComplete: boolean;
}

/** Reads the environment of a service: what its manager passes on, `Environment=`, then the files of `EnvironmentFile=`, then `UnsetEnvironment=`. */
export function readEnvironment(unit: Unit, host: Host, files: OwnFiles): ServiceEnvironment {
  const variables = new Map<string, EnvironmentVariable>([
    ...inheritedVariables(host, files),
    ...givenBySystemd(host),
  ]);
  for (const { name, value, source } of assignmentsOf(unit)) {
    variables.set(name, { value, origin: { kind: 'unit', source } });
  }
  let isComplete = true;
  for (const { file, source } of environmentFilesOf(unit, files)) {
    const content = files.read(file);
    if (content.state === 'unknown') isComplete = false;
    if (content.state !== 'read') continue;
    for (const { name, value } of parseEnvironmentFile(content.text, host.systemd.version)) {
      variables.set(name, { value, origin: { kind: 'file', file, source } });
    }
  }
  unset(variables, unit);
  return { variables, isComplete };
}

/**
 * The files that `EnvironmentFile=` names, whether they exist or not, in the order in which they apply, with the lines
 * that name them.
 */
export function environmentFilesOf(
  unit: Unit,
  files: OwnFiles,
): readonly { readonly file: string; readonly source: SourceLine }[] {
  return unit.assignments.get('Service', 'EnvironmentFile').flatMap(({ value, source }) => {
    const pattern = unit.expand(value.replace(/^-/, ''));
    return typeof pattern === 'string' ? matching(pattern, files).map(file => ({ file, source })) : [];
  });
}

/** The variables that a user manager sets for its services. A system service gets no HOME unless `User=` names a user. */
function* givenBySystemd(host: Host): Iterable<[string, EnvironmentVariable]> {
  if (host.scope === 'system') return;
  const { user, environment } = host;
  const home = environment['HOME'];
  if (home !== undefined) yield ['HOME', { value: home, origin: byDefault }];
  if (user === undefined) return;
  yield ['USER', { value: user.name, origin: byDefault }];
  yield ['LOGNAME', { value: user.name, origin: byDefault }];
}

interface AssignedVariable {
  readonly name: string;
  readonly value: string;
  readonly source: SourceLine;
}

function assignmentsOf(unit: Unit): readonly AssignedVariable[] {
  return wordsOfSetting(unit, 'Environment', { unquote: true, cUnescape: true }).flatMap(
    ({ word, source }) => {
      const [, name, value = ''] = /^([A-Za-z_]\w*)=(.*)$/s.exec(word) ?? [];
      return name === undefined ? [] : [{ name, value, source }];
    },
  );
}

/** `UnsetEnvironment=` takes names, and assignments that remove a variable only if its value is the same. */
function unset(variables: Map<string, EnvironmentVariable>, unit: Unit): void {
  for (const { word } of wordsOfSetting(unit, 'UnsetEnvironment', { unquote: true })) {
    const [, name = word, value] = /^([^=]*)=(.*)$/s.exec(word) ?? [];
    if (value === undefined || variables.get(name)?.value === value) variables.delete(name);
  }
}

function wordsOfSetting(
  unit: Unit,
  setting: string,
  quoting: WordOptions,
): readonly { readonly word: string; readonly source: SourceLine }[] {
  return unit.assignments.get('Service', setting).flatMap(({ value, source }) =>
    extractWords(value, quoting).words.flatMap(raw => {
      const word = unit.expand(raw);
      return typeof word === 'string' ? [{ word, source }] : [];
    }),
  );
}

/** The files that a pattern of `EnvironmentFile=` matches (glob(7)); only its last component may be a pattern here. */
function matching(pattern: string, files: OwnFiles): readonly string[] {
  if (!/[*?[]/.test(pattern)) return [pattern];
  const folder = path.posix.dirname(pattern);
  const names = files.list(folder) ?? [];
  const isMatch = globMatcher(path.posix.basename(pattern));
  return names
    .filter(name => isMatch(name) && (!name.startsWith('.') || path.posix.basename(pattern).startsWith('.')))
    .sort()
    .map(name => `${folder}/${name}`);
}
