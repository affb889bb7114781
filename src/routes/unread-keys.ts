/** Finds the variables of a running gateway whose values are not those that it would get if it were started now. */
import { parseEnv } from 'node:util';
import { processEnvironment } from '../services/process-environment.ts';
import type { GivenValue, OpenclawConfig } from '../services/openclaw-config.ts';
import { ownFilesOf } from '../services/own-files.ts';
import type { Host, LiveUnit } from '../systemd/host/host.ts';
import { askedTexts } from './asked-texts.ts';
import type { Gateway } from './picture.ts';

/** Names of variables. */
export interface UnreadKeys {
  /** They stand in a `.env` that was changed after the process was started, so that it may have other values. */
  readonly inFile: readonly string[];
  /** The process certainly has another value than its unit and its files give now. */
  readonly givenOtherwise: readonly string[];
}

/**
 * The variables in the texts with which agents ask: keys, addresses, headers. OpenClaw reads its `.env` only when it starts, and a
 * variable of the process's own environment comes first (run: openclaw 2026.9.6). That environment is fixed at the start as well
 * (proc_pid_environ(5)), whatever becomes of the unit's lines or of the manager's own variables afterwards.
 *
 * @returns nothing when the process or its environment cannot be seen
 */
export function unreadKeys(
  gateway: Gateway,
  { mainPid, mainStartedSeconds }: LiveUnit,
  host: Host,
): UnreadKeys {
  const { config } = gateway;
  if (mainPid === 0 || mainStartedSeconds === null) return nothing;
  const files = ownFilesOf(host);
  const environment = files.read(`/proc/${mainPid}/environ`);
  if (environment.state !== 'read') return nothing;
  const given = processEnvironment(environment.text);
  // The start is known only to the second: a change within that second may have come before it.
  const startedMs = (mainStartedSeconds + 1) * 1000;
  const isChanged = (host.files.status(config.environmentFile)?.modifiedMs ?? 0) > startedMs;
  const content = isChanged ? files.read(config.environmentFile) : undefined;
  const changed = content?.state === 'read' ? parseEnv(content.text) : {};
  const names = [...new Set(askedTexts(gateway).flatMap(each => each.names))];
  const inFile = names.filter(name => Object.hasOwn(changed, name) && !given.get(name));
  const isOtherwise = (name: string) => !inFile.includes(name) && hasOther(name, given, config);
  return { inFile, givenOtherwise: names.filter(isOtherwise) };
}

const nothing: UnreadKeys = { inFile: [], givenOtherwise: [] };

/** Whether a process with this environment has another value than it would have after a start. */
function hasOther(name: string, given: ReadonlyMap<string, string>, config: OpenclawConfig): boolean {
  // What is not known here may give it any value.
  if (!config.knowsVariables) return false;
  const values = config.valuesOf(name);
  const now = values[0]?.value;
  const then = given.get(name) || values.find(isReadByOpenclaw)?.value;
  return now !== undefined && then !== undefined && now !== then;
}

/** Not of the process's environment: OpenClaw finds the file itself. */
function isReadByOpenclaw({ origin }: GivenValue): boolean {
  return origin.kind === 'file' && origin.source === null;
}
