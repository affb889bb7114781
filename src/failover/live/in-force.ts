/**
 * Finds out whether a running gateway works with its configuration as it is on the disk. A gateway reads its configuration
 * again when it changes, with the files of keys that it names, but its `.env` only when it starts: a provider whose key is new
 * there stays without a key.
 *
 * Run: openclaw 2026.9.6. `config.get` shows the file and whether it is applied, without secrets; its two hashes are alike when a
 * text was replaced by a variable of the same value, so `models.authStatus` has to name that variable; `status` names each
 * provider without a key. `secrets reload` does not read the `.env` either. The file of a key is read again with it or with a changed
 * configuration, and not when it changes alone; `secrets.resolve` tells the values that the process has. With `gateway.reload.mode: "off"` it keeps what it was
 * started with; a file that it refuses leaves it with the one before, and `config.get` says that the file is not valid.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { identityOf, startedAtMs } from '../../kernel/process-identity.ts';
import { downManager } from '../../inventory/down-manager.ts';
import type { Inventory } from '../../inventory/inventory.ts';
import { fieldOf, fieldsOf, isList, isMapping, textIn } from '../../json/value.ts';
import { givenCommandLine } from '../../programs/command.ts';
import { runProgram } from '../../programs/run.ts';
import type { Gateway, Provider } from '../../routes/picture.ts';
import { refusedKeyFiles } from '../../check/refused-key-files.ts';
import { unreadKeys } from '../../routes/unread-keys.ts';
import { secretText } from '../../secrets/openclaw-secret.ts';
import { type ConfigNode, entriesOf, nodeAt } from '../../services/config-node.ts';
import { type Json5Value, parseJson5, valueOf } from '../../services/json5.ts';
import { takes } from '../../services/openclaw-version.ts';
import { type LiveUnit, ManagerError } from '../../systemd/host/host.ts';
import { openclawFor } from '../openclaw-verdict.ts';
import type { OpenclawCommand } from './agent-turn.ts';

export type Grip =
  /** The running gateway confirmed it. */
  | 'in-force'
  /** It has no key for one of the providers, and would read it at its next start. */
  | 'cold'
  /** A key is not where the configuration says: a file that is missing or open to others, a variable without a value. */
  | 'keyless'
  /** It works with it, and its next start does not take the file of a key as it is now. */
  | 'until-restart'
  /** Its `.env` was changed after it was started: it may have an older key. */
  | 'older'
  /** The file of a key or of a header has another value than the gateway has read from it. */
  | 'stale-file'
  /** It was started with another value of a key than its unit and its files give now. */
  | 'given-otherwise'
  /** It works with another configuration than that on the disk. */
  | 'other'
  /** The same, and it does not follow its file: `gateway.reload.mode` is `off` there. */
  | 'reload-off'
  /** OpenClaw refuses the file as it is on the disk: it works with an earlier one, and would not start with this one. */
  | 'refused'
  /** It is too old to say, and was started after its files were last changed. */
  | 'since-start'
  /** It is too old to say, and its files were changed after it was started. */
  | 'changed-since'
  /** It did not answer, or is too old to say. */
  | 'unknown'
  /** No service runs it: it reads its files when it is started. */
  | 'next-start'
  /** The service is just being started or stopped. */
  | 'changing'
  /** The service manager did not say whether it runs. */
  | 'not-seen';

/** A gateway, and the ids of the providers that it has to have. */
export interface AskedGateway {
  readonly gateway: Gateway;
  readonly providers: readonly string[];
}

export interface Patience {
  /** How long an answer that is not final is waited for. */
  readonly ms: number;
  /** Whether an answer is final; it is asked with the time since the first question. */
  readonly isFinal: (grip: Grip, elapsedMs: number) => boolean;
  /** How long one is waited for that was started a moment ago and says nothing yet. */
  readonly loadingMs: number;
}

/** On two processors at work OpenClaw was seen to need a minute. */
const mostLoadingMs = 120_000;

/** For a gateway that runs. It reads a changed configuration within a second; a machine at work needs half a minute for each question. */
export const usualPatience: Patience = {
  ms: 90_000,
  // What it lacks may be the answer from before a change that it is just reading.
  isFinal: (grip, elapsedMs) =>
    grip !== 'unknown' &&
    grip !== 'other' &&
    ((grip !== 'cold' && grip !== 'keyless') || elapsedMs >= reloadMs),
  loadingMs: mostLoadingMs,
};

/** For whoever asks about a gateway whose files were not changed just now. */
export const checkPatience: Patience = {
  ms: 15_000,
  isFinal: (grip, elapsedMs) => grip === 'unknown' || usualPatience.isFinal(grip, elapsedMs),
  loadingMs: mostLoadingMs,
};

/** The same, where nothing depends on the answer. */
export const shortPatience: Patience = { ...checkPatience, loadingMs: 0 };

const reloadMs = 5_000;

/** After a restart. A gateway was seen to need five minutes on a machine at work, and the old process may answer until it has ended. */
export const restartPatience: Patience = {
  ms: 345_000,
  isFinal: grip =>
    ['in-force', 'stale-file', 'given-otherwise', 'since-start', 'next-start', 'not-seen'].includes(grip),
  loadingMs: 345_000,
};

/**
 * Asks until the answer is final, or the time is over.
 *
 * @param own environment of daruma
 * @param onAsk is called before a running gateway is asked
 */
export async function gripOf(
  asked: AskedGateway,
  inventory: Inventory,
  own: NodeJS.ProcessEnv,
  { ms, isFinal, loadingMs }: Patience,
  onAsk: () => void = () => {},
): Promise<Grip> {
  const startMs = performance.now();
  for (;;) {
    const grip = await askOnce(asked, inventory, own, onAsk);
    const elapsedMs = performance.now() - startMs;
    if (grip === 'starting') {
      // One that falls again and again is always being started.
      if (elapsedMs >= loadingMs) return 'unknown';
    } else if (isFinal(grip, elapsedMs) || elapsedMs > ms) return grip;
    await sleep(pauseMs);
  }
}

const pauseMs = 1_000;

async function askOnce(
  asked: AskedGateway,
  inventory: Inventory,
  own: NodeJS.ProcessEnv,
  onAsk: () => void,
): Promise<Grip | 'starting'> {
  const { unit } = asked.gateway;
  if (unit === null) return 'next-start';
  // Without its manager no service of a user runs.
  if (downManager(inventory.host)?.phase === 'down') return 'next-start';
  const live = await stateOf(unit, inventory);
  const state = live?.activeState ?? '';
  // A restart goes through `inactive`, with its job still there.
  if (atRest.has(state)) return live?.hasJob === true ? 'changing' : 'next-start';
  if (inTransition.has(state)) return 'changing';
  if (live === undefined || !upAndRunning.has(state)) return 'not-seen';
  const { gateway } = asked;
  const { inFile, givenOtherwise } = unreadKeys(gateway, live, inventory.host);
  if (takes('keyFiles', gateway.version) === false)
    return givenOtherwise.length > 0 ? 'given-otherwise' : byTimes(gateway, live, inventory);
  onAsk();
  const grip = await answerOf(asked, await openclawFor(unit, inventory, own), inventory);
  if (grip !== 'in-force' && grip !== 'unknown') return grip;
  if (grip === 'unknown' && isStarting(live)) return 'starting';
  if (givenOtherwise.length > 0) return 'given-otherwise';
  if (inFile.length > 0) return 'older';
  // A gateway that runs keeps the key that it took from a file.
  const isRefused = refusedKeyFiles(gateway, asked.providers, inventory.host).length > 0;
  return grip === 'in-force' && isRefused ? 'until-restart' : grip;
}

/** Whether a gateway that says nothing may still be loading: to systemd it is active as soon as its process runs. */
function isStarting({ mainPid, mainStartedSeconds }: LiveUnit): boolean {
  return Date.now() - startOf(mainPid, mainStartedSeconds) < mostLoadingMs;
}

/** The kernel knows it to some milliseconds, systemd to the second. */
function startOf(mainPid: number, mainStartedSeconds: number | null): number {
  return startedAtMs(identityOf(mainPid)) ?? (mainStartedSeconds ?? 0) * 1000;
}

/**
 * For an OpenClaw that says nothing of what it works with: whether its files were changed after it was started. A change and a restart may
 * come within a second.
 */
function byTimes(
  { config }: Gateway,
  { mainPid, mainStartedSeconds }: LiveUnit,
  { host: { files } }: Inventory,
): 'since-start' | 'changed-since' {
  const startedMs = startOf(mainPid, mainStartedSeconds);
  const isOlder = (file: string) => (files.status(file)?.modifiedMs ?? 0) <= startedMs;
  return [...config.files, config.environmentFile].every(isOlder) ? 'since-start' : 'changed-since';
}

/** systemd's states of a unit: `unit_active_state_table` in `unit-def.c` of 262. */
const upAndRunning: ReadonlySet<string> = new Set(['active', 'reloading', 'refreshing']);
const inTransition: ReadonlySet<string> = new Set(['activating', 'deactivating', 'maintenance']);
const atRest: ReadonlySet<string> = new Set(['inactive', 'failed']);

/** Undefined when no manager answers. */
async function stateOf(unit: string, { host: { manager } }: Inventory): Promise<LiveUnit | undefined> {
  try {
    return (await manager?.units([unit]))?.get(unit);
  } catch (error) {
    if (error instanceof ManagerError) return undefined;
    throw error;
  }
}

async function answerOf(
  { gateway, providers }: AskedGateway,
  command: OpenclawCommand,
  { host }: Inventory,
): Promise<'in-force' | 'stale-file' | 'cold' | 'keyless' | 'other' | 'reload-off' | 'refused' | 'unknown'> {
  const config = await call('config.get', command);
  const [parsed, onDisk, applied] = fieldsOf(config, 'parsed', 'configRevisionHash', 'appliedConfigHash');
  if (parsed === undefined) return 'unknown';
  if (fieldOf(config, 'valid') === false) return 'refused';
  // Its own reading of the file may be older than the file.
  if (!isWritten(parsed, writtenIn(gateway.file, host))) return 'other';
  const degraded = fieldOf(await call('status', command), 'degradedSecretOwners');
  // An older OpenClaw does not report it.
  if (!isList(degraded)) return 'unknown';
  const without = new Set(
    degraded
      .filter(owner => textIn(owner, 'ownerKind') === 'provider')
      .map(owner => textIn(owner, 'ownerId')),
  );
  const cold = gateway.providers.filter(({ id }) => providers.includes(id) && without.has(id));
  const isReadAtStart = ({ key }: Provider) =>
    key.kind === 'variable' && gateway.config.variable(key.name) !== undefined;
  if (cold.length > 0) return cold.every(isReadAtStart) ? 'cold' : 'keyless';
  if (typeof onDisk !== 'string' || typeof applied !== 'string') return 'unknown';
  if (onDisk !== applied) return isReloadOff(gateway) ? 'reload-off' : 'other';
  const grip = await usesVariables(gateway, providers, command);
  return grip === 'in-force' ? hasReadFiles(gateway, providers, command) : grip;
}

/** Whether the process has the secrets of these providers that their references lead to now, as far as daruma can read them. */
async function hasReadFiles(
  { config, providers }: Gateway,
  ids: readonly string[],
  command: OpenclawCommand,
): Promise<'in-force' | 'stale-file' | 'unknown'> {
  const refers = ({ id, key }: Provider) =>
    ids.includes(id) &&
    (key.kind === 'reference' ||
      [...referencesIn(nodeAt(config.root, 'models', 'providers', id))].length > 0);
  if (!providers.some(refers)) return 'in-force';
  const parameters = { commandName: 'daruma', targetIds: secretTargets };
  const assignments = fieldOf(await call('secrets.resolve', command, parameters), 'assignments');
  if (!isList(assignments)) return 'unknown';
  const isOlder = assignments.some(each => {
    const [keys, value] = fieldsOf(each, 'pathSegments', 'value');
    if (!isList(keys) || !ids.includes(String(keys[2]))) return false;
    const present = presentSecret(nodeAt(config.root, ...keys.map(String)), config);
    return present !== undefined && value !== present;
  });
  return isOlder ? 'stale-file' : 'in-force';
}

/** Read: openclaw 2026.9.6, `STATIC_MODEL_TARGET_IDS` in `cli/command-secret-targets`. */
const secretTargets = [
  'models.providers.*.apiKey',
  'models.providers.*.headers.*',
  'models.providers.*.request.headers.*',
];

function* referencesIn(node: ConfigNode | undefined): Iterable<ConfigNode> {
  const headers = [nodeAt(node, 'headers'), nodeAt(node, 'request', 'headers')].flatMap(each =>
    entriesOf(each),
  );
  for (const [, value] of headers) if (nodeAt(value, 'source') !== undefined) yield value;
}

/** Undefined where it cannot be read. */
function presentSecret(node: ConfigNode | undefined, config: Gateway['config']): string | undefined {
  try {
    return secretText(node, config)?.trim();
  } catch {
    return undefined;
  }
}

/**
 * Whether a running gateway waits for a restart. The mode in the file counts, also for the change that sets it: run with openclaw
 * 2026.9.6, which refuses the modes `hot` and `restart` of earlier versions.
 */
function isReloadOff({ config }: Gateway): boolean {
  return config.text(nodeAt(config.root, 'gateway', 'reload', 'mode')) === 'off';
}

/** Whether the process takes each key from the variable that the configuration names. */
async function usesVariables(
  gateway: Gateway,
  ids: readonly string[],
  command: OpenclawCommand,
): Promise<'in-force' | 'other' | 'reload-off' | 'unknown'> {
  const named = gateway.providers.flatMap(({ id, key }) =>
    ids.includes(id) && key.kind === 'variable' ? [{ id, variable: key.name }] : [],
  );
  if (named.length === 0) return 'in-force';
  const used = fieldOf(await call('models.authStatus', command), 'providers');
  if (!isList(used)) return 'unknown';
  const isAsNamed = named.every(({ id, variable }) =>
    used.some(
      each => textIn(each, 'provider') === id && textIn(fieldOf(each, 'apiKey'), 'envVar') === variable,
    ),
  );
  if (isAsNamed) return 'in-force';
  return isReloadOff(gateway) ? 'reload-off' : 'other';
}

function writtenIn(file: string, { files }: Inventory['host']): Json5Value | undefined {
  try {
    return valueOf(parseJson5(files.read(file).toString('utf8')));
  } catch {
    return undefined;
  }
}

/** Whether an answer shows what is written in a file. In place of a secret it has a mark. */
function isWritten(shown: unknown, written: unknown): boolean {
  if (shown === redacted) return written !== undefined;
  if (isMapping(written)) {
    const names = Object.keys(written);
    return (
      isMapping(shown) &&
      Object.keys(shown).length === names.length &&
      names.every(name => isWritten(fieldOf(shown, name), written[name]))
    );
  }
  if (isList(written)) {
    return (
      isList(shown) &&
      shown.length === written.length &&
      written.every((each, index) => isWritten(shown[index], each))
    );
  }
  return written !== undefined && shown === written;
}

/** Read: openclaw 2026.9.6, `REDACTED_SENTINEL` in `config/redact-snapshot`. */
const redacted = '__OPENCLAW_REDACTED__';

async function call(
  method: string,
  { argv, environment }: OpenclawCommand,
  parameters?: object,
): Promise<unknown> {
  const given = parameters === undefined ? [] : ['--params', JSON.stringify(parameters)];
  const command = givenCommandLine([...argv, 'gateway', 'call', method, ...given, '--json']);
  const { stdout, failure } = await runProgram(command, {
    environment,
    timeoutMs: callMs,
    outputBytes: 8 * 2 ** 20,
    endsGroup: true,
  });
  if (failure !== undefined) return undefined;
  try {
    return JSON.parse(stdout.slice(stdout.indexOf('{')));
  } catch {
    return undefined;
  }
}

const callMs = 40_000;
