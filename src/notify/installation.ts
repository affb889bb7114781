/** Plans the units through which a manager runs daruma: hooks in drop-ins of services, and the timer that delivers messages. */
import { handlerOf, handlerTemplate, outboxService, ownUnitNames, signWakers } from '../systemd/own-units.ts';
import { hooksDropInName } from '../check/own-drop-ins.ts';
import { hasNameForHooks, hookedUnits, hooksDropIn, isAnything } from '../check/hooked-services.ts';
import { boundedSeconds } from '../check/start-post.ts';
import { dropInText, type WantedSetting } from '../fix/drop-in.ts';
import type { MissingHooks, Plan } from '../fix/plan.ts';
import { type Inventory, takeInventory } from '../inventory/inventory.ts';
import type { KeptLines } from './other-messengers.ts';
import { waitingMark } from '../store/waiting-mark.ts';
import { type FileState, overlayFiles } from '../systemd/host/overlay-files.ts';
import type { Host } from '../systemd/host/host.ts';
import { ownUnitFolder } from '../systemd/search-path.ts';
import { resolveService } from '../systemd/service.ts';
import { jobModeOf, type Unit } from '../systemd/unit.ts';
import { literal, quoted } from '../systemd/values/written-word.ts';
import { seenMark } from './life.ts';
import { knownStates, refusedState } from './unnoticed.ts';
import { tiesOf } from './ties.ts';
import { type HookBound, signCommand, type TimeoutProgram } from './sign-script.ts';
import { spoolFolder } from './spool.ts';
import type { Step } from '../transaction/changes.ts';
import { type LeftOut, obstacleTo } from '../transaction/obstacle.ts';

interface InstallationTexts {
  /** First line of each file. */
  readonly head: string;
  readonly started: string;
  readonly ended: string;
  readonly failed: string;
}

export interface InstallationOptions {
  /** The words that run daruma: program and script, with absolute paths. */
  readonly command: readonly string[];
  /** Bounds each hook. */
  readonly timeout: TimeoutProgram;
  /** The folder of the store. */
  readonly stateFolder: string;
  readonly texts: InstallationTexts;
  /** Lists of other commands from which something is taken out, by unit. */
  readonly kept?: ReadonlyMap<string, KeptLines>;
}

/** The temporary folder that contains the program or its script; undefined when there is none. Hooks must not name it. */
export function passingFolder(command: readonly string[]): string | undefined {
  const passing = /^(?:\/tmp|\/var\/tmp|\/dev\/shm|\/run)(?=\/)|^.*\/_npx(?=\/)/;
  for (const word of command) {
    const [folder] = passing.exec(word) ?? [];
    if (folder !== undefined) return folder;
  }
  return undefined;
}

/**
 * Plans the hooks of services and the units that they need. Files that already exist with this content are left out.
 *
 * @returns undefined when the user has no folder for units
 */
export async function planInstallation(
  inventory: Inventory,
  units: readonly string[],
  options: InstallationOptions,
): Promise<Plan | undefined> {
  const { host } = inventory;
  const folder = ownUnitFolder(host.scope, host.environment);
  if (folder === undefined) return undefined;
  const leftOut = units.flatMap((unit): LeftOut | readonly [] => {
    const path = hooksDropIn(folder, unit);
    const why = obstacleTo(path, 'file', host);
    if (why !== undefined) return { unit, path, why };
    return hasNameForHooks(unit) ? [] : { unit, path: `${folder}/${handlerOf(unit)}`, why: 'name-too-long' };
  });
  const hooked = units.filter(unit => !leftOut.some(each => each.unit === unit));
  const { isInRing, isRequired } = tiesOf(inventory.loader);
  const overAtOnce = hooked.filter(unit => isOverAtOnce(unit, inventory));
  const missing: MissingHooks = {
    inRing: hooked.filter(isInRing),
    required: overAtOnce.filter(isRequired),
    soleFailureJob: hooked.filter(unit => isSoleFailureJob(inventory.loader.load(unit))),
  };
  const settings = new Map(hooked.map(unit => [unit, hooksOf(unit, inventory, options, missing)]));
  const wanted = new Map<string, FileState>([
    ...Object.entries(ownUnits(folder, host, options)).map(([name, text]): [string, FileState] => [
      `${folder}/${name}`,
      file(text),
    ]),
    ...signWakers.map((unit): [string, FileState] => [
      enablingLink(folder, unit),
      { kind: 'link', target: `${folder}/${unit}` },
    ]),
    ...[...settings].map(([unit, hooks]): [string, FileState] => [
      hooksDropIn(folder, unit),
      file(dropInText(hooks, [options.texts.head], undefined)),
    ]),
  ]);
  const files = new Map([...wanted].filter(([path, state]) => !isUpToDate(path, state, host)));
  const start = signWakers
    .filter(unit => files.has(`${folder}/${unit}`))
    .map((unit): Step => ({ kind: 'start', unit }));
  const steps: readonly Step[] = files.size === 0 ? [] : [{ kind: 'daemon-reload' }, ...start];
  const prevented = await preventedBy(folder, settings, files, host);
  const longerStarts = overAtOnce.filter(
    unit => !missing.required.includes(unit) && !isAnything(hooksDropIn(folder, unit), host),
  );
  const remaining = hooked.filter(
    unit =>
      !isAnything(hooksDropIn(folder, unit), host) &&
      settingsOf(unit, inventory)?.RemainAfterExit.value === true,
  );
  return { ...nothing, files, settings, steps, prevented, leftOut, longerStarts, remaining, ...missing };
}

/**
 * Plans the removal of hooks, and with the last hook the removal of the units that they need.
 *
 * @param units undefined for all services
 */
export function planRemoval(inventory: Inventory, units: readonly string[] | undefined): Plan | undefined {
  const { host, loader } = inventory;
  const folder = ownUnitFolder(host.scope, host.environment);
  if (folder === undefined) return undefined;
  const hooked = hookedUnits(folder, host);
  const going = units === undefined ? hooked : hooked.filter(unit => units.includes(unit));
  const isLast = going.length === hooked.length;
  const links = signWakers.map(unit => enablingLink(folder, unit));
  const own = isLast ? [...links, ...ownUnitNames.map(name => `${folder}/${name}`)] : [];
  const paths = [...going.map(unit => hooksDropIn(folder, unit)), ...own];
  const files = new Map(
    paths.filter(path => isAnything(path, host)).map(path => [path, { kind: 'absent' } as const]),
  );
  // The service comes last: nothing wakes it any more.
  const there = [...signWakers, outboxService].filter(unit => loader.index.entry(unit) !== undefined);
  const steps: readonly Step[] =
    files.size === 0
      ? []
      : [...(isLast ? there.map(unit => ({ kind: 'stop', unit }) as const) : []), { kind: 'daemon-reload' }];
  return { ...nothing, files, settings: new Map(going.map(unit => [unit, []])), steps };
}

/**
 * Of files that go, those that the hooks of other services still need, each with the drop-in of such a service: what was installed
 * for one service serves all that get hooks later.
 */
export function neededByOtherHooks(going: readonly string[], host: Host): ReadonlyMap<string, string> {
  const folder = ownUnitFolder(host.scope, host.environment);
  if (folder === undefined) return new Map();
  const other = hookedUnits(folder, host)
    .map(unit => hooksDropIn(folder, unit))
    .find(dropIn => !going.includes(dropIn));
  if (other === undefined) return new Map();
  const own = [
    ...ownUnitNames.map(name => `${folder}/${name}`),
    ...signWakers.map(unit => enablingLink(folder, unit)),
  ];
  return new Map(own.filter(each => going.includes(each)).map(each => [each, other]));
}

const nothing = {
  settled: [],
  restarts: [],
  left: [],
  prevented: [],
  settings: new Map(),
  steps: [],
} as const;

const [pathUnit, timer] = signWakers;

function enablingLink(folder: string, unit: (typeof signWakers)[number]): string {
  return `${folder}/${unit === timer ? 'timers' : 'paths'}.target.wants/${unit}`;
}

function file(text: string): FileState {
  return { kind: 'file', content: Buffer.from(text), mode: 0o644 };
}

/**
 * The hook lines of a service. `+` runs the hook without the sandbox and user of the unit, which would keep it from the spool.
 * `-` and timeout(1) keep a failure or delay of the hook from affecting the service.
 */
function hooksOf(
  unit: string,
  { loader, host }: Inventory,
  { stateFolder, texts, kept, timeout }: InstallationOptions,
  missing: MissingHooks,
): readonly WantedSetting[] {
  const { settings } = resolveService(loader.load(unit), loader.defaults, host.systemd.version);
  const line = (kind: 'started' | 'ended', limitUsec: number | undefined) => {
    const bound = boundWithin((limitUsec ?? Infinity) / 1_000_000);
    return signCommand(kind, timeout, spoolFolder(stateFolder), '%n', bound);
  };
  const set = (
    key: string,
    value: string,
    comment: string,
    section: WantedSetting['section'] = 'Service',
  ) => ({
    section,
    key,
    values: [...keptOf(key), value],
    comment,
  });
  // An empty value resets the list, and those that stay are written again.
  const keptOf = (key: string) => {
    const lines = key === 'ExecStartPost' || key === 'ExecStopPost' ? kept?.get(unit)?.get(key) : undefined;
    return lines === undefined ? [] : ['', ...lines];
  };
  // With KillMode=none processes survive the stop, and with ExecStopPost= systemd would wait for them until a timeout.
  const outlivesStop = settings?.KillMode.value === 'none';
  const ended = line('ended', settings?.TimeoutStopSec.value);
  const started = line('started', settings?.TimeoutStartSec.value);
  return [
    ...(missing.soleFailureJob.includes(unit)
      ? []
      : [set('OnFailure', handlerOf('%n'), texts.failed, 'Unit')]),
    ...(missing.required.includes(unit) ? [] : [set('ExecStartPost', started, texts.started)]),
    ...(outlivesStop || missing.inRing.includes(unit) ? [] : [set('ExecStopPost', ended, texts.ended)]),
  ];
}

/**
 * Whether systemd's job of a start is over before the process could have ended, unless `ExecStartPost=` makes it wait: then a process that
 * fails meanwhile makes the job fail, and with it `systemctl start` and `restart` (ran on 252 and 257; one that ends well does not).
 */
function isOverAtOnce(unit: string, inventory: Inventory): boolean {
  const settings = settingsOf(unit, inventory);
  return settings !== undefined && ['simple', 'exec', 'idle'].includes(settings.Type.value);
}

function settingsOf(unit: string, { loader, host }: Inventory) {
  return resolveService(loader.load(unit), loader.defaults, host.systemd.version).settings;
}

/**
 * Whether a unit can have no further `OnFailure=`: of several with `isolate` systemd refuses the unit, and the only one would not be
 * started; with `flush` the job of one cancels that of the other, and all that wait (ran on 247 and 257).
 * Source: systemd.unit(5), OnFailureJobMode=; `unit_load()`.
 */
function isSoleFailureJob(unit: Unit): boolean {
  return ['isolate', 'flush'].includes(jobModeOf(unit, 'OnFailure'));
}

/** The hook takes some milliseconds; an overloaded machine takes longer. */
const usualBound: HookBound = { seconds: 3, graceSeconds: 1 };

/** A bound that is over well before a time limit of systemd's, which would end the service with the hook. */
function boundWithin(limitSeconds: number): HookBound {
  const { seconds, graceSeconds } = usualBound;
  if (limitSeconds < seconds) {
    const third = Math.max(0.01, Math.floor(limitSeconds * 33) / 100);
    return { seconds: third, graceSeconds: third };
  }
  return { seconds: Math.min(seconds, boundedSeconds(limitSeconds)), graceSeconds };
}

function ownUnits(
  folder: string,
  host: Host,
  { command, stateFolder, texts, timeout }: InstallationOptions,
): Readonly<Record<(typeof ownUnitNames)[number], string>> {
  const spool = spoolFolder(stateFolder);
  const written = (path: string) => path.replaceAll('%', '%%');
  const systemctl = host.scope === 'user' ? 'systemctl --user' : 'systemctl';
  // Not after a stop by somebody, which ends the process with a signal. After a reload in the middle of a stop systemd has forgotten
  // the `-` before the command, so that it must not fail by itself.
  const again = `[ "$SERVICE_RESULT$EXIT_CODE" = successexited ] && set -- "$1"/* && [ -e "$1" ] && exec ${systemctl} --no-block start ${outboxService}; exit 0`;
  const runs = (script: string, name: string, ...paths: readonly string[]) =>
    ['/bin/sh', '-c', script, name, ...paths].map(word => quoted(literal(word))).join(' ');
  const mark = waitingMark(stateFolder);
  return {
    // When nothing waits and nothing is new, its condition fails. After a boot it looks once. While daruma is missing, the service fails at
    // each start, without a limit, and the signs wait. What comes at the very end of its run is not seen by the path unit.
    [outboxService]: `# ${texts.head}
[Unit]
Description=Deliver messages of daruma that wait
StartLimitIntervalSec=0

[Service]
Type=exec
ExecCondition=${runs(isDue(systemctl), 'daruma-due', mark, spool, knownStates(stateFolder), folder)} %t/${seenMark}
ExecStart=${execText(command)} notify await${flag(host)}
ExecStopPost=-${runs(again, 'daruma-again', spool)}
RuntimeMaxSec=900
TimeoutStopSec=10
LogLevelMax=notice
`,
    // PathChanged= triggers once for each change: DirectoryNotEmpty= would trigger again and again while daruma is missing.
    [pathUnit]: `# ${texts.head}
[Unit]
Description=Look for signs of services for daruma

[Path]
PathChanged=${written(spool)}
MakeDirectory=yes
DirectoryMode=0700
Unit=${outboxService}

[Install]
WantedBy=paths.target
`,
    // The timer starts the service at boot. If a target wanted the service, the target would wait for it, minutes without a network.
    [timer]: `# ${texts.head}
[Unit]
Description=Look for messages of daruma that wait

[Timer]
OnStartupSec=0
OnCalendar=minutely
AccuracySec=15
Persistent=true

[Install]
WantedBy=timers.target
`,
    [handlerTemplate]: `# ${texts.head}
[Unit]
Description=Tell that %i has failed
StartLimitIntervalSec=0

[Service]
Type=oneshot
ExecStart=${signCommand('failed', timeout, spool, '%i', usualBound)}
TimeoutStartSec=30
LogLevelMax=notice
`,
  };
}

/**
 * Fails when nothing waits, or only something that is due later (`store/waiting-mark.ts`), and no other services are not well than at the
 * last look (`unnoticed.ts`), so that the minute's look costs little. Where anything is uncertain it does not: without a look since the
 * boot, with a sign, or a mark from the future.
 *
 * Of a service whose start an assertion has refused systemd says no more than that it is inactive; before its first start `AssertResult=`
 * is `no` as well.
 */
function isDue(systemctl: string): string {
  const list = `${systemctl} list-units --all --plain --no-legend --type=service --state=failed,activating`;
  const hooked = `set --; for d in "$f"/*.service.d/${hooksDropInName}; do [ -e "$d" ] || continue; d=\${d%/*}; d=\${d##*/}; set -- "$@" "\${d%.d}"; done`;
  const asserts = `${systemctl} show --property=Id,AssertResult,AssertTimestampMonotonic -- "$@"`;
  const known = 'Id) i=$v;; AssertResult) r=$v;; AssertTimestampMonotonic) t=$v;; *) continue;;';
  const each = `case $p in ${known} esac; n=$((n+1)); [ "$n" = 3 ] || continue; n=0; [ "$r$t" = no0 ] || [ "$r" != no ] || echo "$i loaded ${refusedState}"`;
  return [
    'umask 77',
    `refused() { ${hooked}; [ "$#" = 0 ] || ${asserts} | { n=0; while IFS== read -r p v; do ${each}; done; }; }`,
    `states() { s=$(${list} 2>/dev/null && refused 2>/dev/null) && [ "$s" != "$(cat "$k" 2>/dev/null)" ] && printf "%s\\n" "$s" >"$k.new"; }`,
    // The first look after an installation is the one that later ones are held against.
    'm=$1 k=$3 f=$4; [ -e "$5" ] || { states; exit 0; }',
    'set -- "$2"/*; [ -e "$1" ] && exit 0',
    'states && exit 0',
    '[ -e "$m" ] || exit 1',
    't=$(stat -c "%Y %Z" "$m" 2>/dev/null) && n=$(date +%s) || exit 0',
    'set -- $t; [ "$1" -gt "$n" ] && [ "$2" -le "$n" ] && exit 1',
    'exit 0',
  ].join('; ');
}

function flag({ scope }: Host): string {
  return scope === 'system' ? ' --system' : '';
}

/** The command as written in a unit file, with `%` and `$` escaped. */
function execText(command: readonly string[]): string {
  return command.map(word => quoted(literal(word))).join(' ');
}

function isUpToDate(path: string, state: FileState, { files }: Host): boolean {
  try {
    if (state.kind === 'link') return files.readLink(path) === state.target;
    return state.kind === 'file' && files.read(path).equals(state.content);
  } catch {
    return false;
  }
}

/** Hook lines that other lines override on the changed host. */
async function preventedBy(
  folder: string,
  settings: ReadonlyMap<string, readonly WantedSetting[]>,
  files: ReadonlyMap<string, FileState>,
  host: Host,
): Promise<Plan['prevented']> {
  const after = await takeInventory({
    ...host,
    files: overlayFiles(host.files, files),
    manager: undefined,
  });
  return [...settings].flatMap(([unit, hooks]) => {
    const { assignments } = after.loader.load(unit);
    return hooks
      .filter(
        ({ section, key }) =>
          !assignments.get(section, key).some(({ source }) => source.file === hooksDropIn(folder, unit)),
      )
      .map(({ section, key }) => ({
        unit,
        section,
        key,
        by: assignments.get(section, key).at(-1)?.source ?? null,
      }));
  });
}
