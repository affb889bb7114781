/**
 * The variables that a manager passes on to all its services. A running one tells them; else a user's manager will have those of the
 * files of environment.d(5), which it reads when it starts and at each daemon-reload.
 */
import path from 'node:path';
import type { Host } from '../systemd/host/host.ts';
import { userConfigHome } from '../systemd/search-path.ts';
import { parseEnvironmentD } from '../systemd/values/environment-d.ts';
import type { Origin } from './origin.ts';
import type { OwnFiles } from './own-files.ts';

interface InheritedVariable {
  readonly value: string;
  readonly origin: Origin;
}

/** All services of a host inherit the same. */
const known = new WeakMap<Host, ReadonlyMap<string, InheritedVariable>>();

export function inheritedVariables(host: Host, files: OwnFiles): ReadonlyMap<string, InheritedVariable> {
  const before = known.get(host);
  if (before !== undefined) return before;
  const written =
    host.scope === 'user' ? writtenVariables(host, files) : new Map<string, InheritedVariable>();
  const variables = host.inherited === undefined ? written : placed(host.inherited, written);
  known.set(host, variables);
  return variables;
}

/** The variables of a running manager, with the file of each whose value is still the one that is written. */
function placed(
  inherited: Readonly<Record<string, string>>,
  written: ReadonlyMap<string, InheritedVariable>,
): ReadonlyMap<string, InheritedVariable> {
  return new Map(
    Object.entries(inherited).map(([name, value]) => {
      const inFile = written.get(name);
      if (inFile?.value === value) return [name, inFile];
      return [name, { value, origin: { kind: 'manager', file: null, source: null } }];
    }),
  );
}

/** Source: environment.d(5); `environment_dirs()` and `conf_files_list_strv()`. */
function writtenVariables(host: Host, files: OwnFiles): ReadonlyMap<string, InheritedVariable> {
  const { environment, systemd } = host;
  const own = userConfigHome(environment);
  const folders = [...(own === undefined ? [] : [own]), '/etc', '/run', '/usr/local/lib', '/usr/lib'];
  // A file hides those of the same name in later folders; they apply in the order of their names.
  const places = new Map<string, string>();
  for (const folder of folders.map(each => path.posix.join(each, 'environment.d'))) {
    for (const name of files.list(folder) ?? []) {
      if (name.endsWith('.conf') && !places.has(name)) places.set(name, path.posix.join(folder, name));
    }
  }
  const values = new Map(Object.entries(environment));
  const variables = new Map<string, InheritedVariable>();
  for (const [, file] of [...places].toSorted(([a], [b]) => (a < b ? -1 : 1)).slice(0, mostFiles)) {
    const content = files.read(file);
    if (content.state !== 'read') continue;
    for (const [name, value] of parseEnvironmentD(content.text, systemd.version, values)) {
      values.set(name, value);
      variables.set(name, { value, origin: { kind: 'manager', file, source: null } });
    }
  }
  return variables;
}

/** Somebody else's tree may have any number. */
const mostFiles = 1_000;
