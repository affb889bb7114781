/** Finds the keys that a running gateway has from an older `.env` than the present one, or not at all. */
import { parseEnv } from 'node:util';
import { ownFilesOf } from '../services/own-files.ts';
import type { Host, LiveUnit } from '../systemd/host/host.ts';
import { askedProviders } from './asked-providers.ts';
import type { Gateway } from './picture.ts';

/**
 * The variables of keys that agents may need, and that stand in a `.env` that was changed after the process was started.
 * OpenClaw reads its `.env` only when it starts, and a variable of the process's own environment comes first (run: openclaw
 * 2026.9.6). Which lines of the file were changed is not known, so the process may still have the right value.
 *
 * Of the environment only the names are used: proc_pid_environ(5), which shows it as it was when the process was started.
 *
 * @returns nothing when the process or its environment cannot be seen
 */
export function unreadKeys(
  { config, providers, agents, settings }: Gateway,
  { mainPid, mainStartedSeconds }: LiveUnit,
  host: Host,
): readonly string[] {
  const { environmentFile } = config;
  if (mainPid === 0 || mainStartedSeconds === null) return [];
  const files = ownFilesOf(host);
  const content = files.read(environmentFile);
  if (content.state !== 'read') return [];
  // The start is known only to the second: a change within that second may have come before it.
  const startedMs = (mainStartedSeconds + 1) * 1000;
  if ((host.files.status(environmentFile)?.modifiedMs ?? 0) <= startedMs) return [];
  const environment = files.read(`/proc/${mainPid}/environ`);
  if (environment.state !== 'read') return [];
  const given = new Set(environment.text.split('\0').map(entry => entry.split('=', 1)[0]));
  const written = parseEnv(content.text);
  const asked = askedProviders({ agents, settings });
  const names = providers
    .filter(({ id }) => asked.has(id))
    .flatMap(({ key }) => (key.kind === 'variable' ? [key.name] : []))
    .filter(name => Object.hasOwn(written, name) && !given.has(name));
  return [...new Set(names)];
}
