/** Plans what has a manager call daruma: hooks in the units of services, and the timer that delivers what waits. */
import { boundedSeconds } from '../check/start-post.ts';
import { dropInText, hooksDropInName, type WantedSetting } from '../fix/drop-in.ts';
import type { Plan } from '../fix/plan.ts';
import { type Inventory, openInventory } from '../inventory/inventory.ts';
import { waitingMark } from '../store/waiting-mark.ts';
import { type FileState, overlayFiles } from '../systemd/host/overlay-files.ts';
import type { Host } from '../systemd/host/host.ts';
import { ownUnitFolder } from '../systemd/search-path.ts';
import { searchedFiles } from '../systemd/host/search.ts';
import { resolveService } from '../systemd/service.ts';
import { literal, quoted } from '../systemd/values/written-word.ts';
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
  /** How daruma is called: program and script, absolute. */
  readonly command: readonly string[];
  /** Of the store. */
  readonly stateFolder: string;
  readonly texts: InstallationTexts;
}

/** The folder that a program is not to be called from, since it goes away; undefined where there is none. */
export function passingFolder(command: readonly string[]): string | undefined {
  const passing = /^(?:\/tmp|\/var\/tmp|\/dev\/shm|\/run)(?=\/)|^.*\/_npx(?=\/)/;
  for (const word of command) {
    const [folder] = passing.exec(word) ?? [];
    if (folder !== undefined) return folder;
  }
  return undefined;
}

/**
 * Plans the hooks of services, and the units that they need. What is there already is left out.
 *
 * @returns undefined where there is no folder for units
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
    const path = dropInOf(folder, unit);
    const why = obstacleTo(path, 'file', host);
    return why === undefined ? [] : { unit, path, why };
  });
  const settings = new Map(
    units
      .filter(unit => !leftOut.some(each => each.unit === unit))
      .map(unit => [unit, hooksOf(unit, inventory, options)]),
  );
  const wanted = new Map<string, FileState>([
    ...Object.entries(ownUnits(host, options)).map(([name, text]): [string, FileState] => [
      `${folder}/${name}`,
      file(text),
    ]),
    [enablingLink(folder), { kind: 'link', target: `${folder}/${timer}` }],
    ...[...settings].map(([unit, hooks]): [string, FileState] => [
      dropInOf(folder, unit),
      file(dropInText(hooks, [options.texts.head], undefined)),
    ]),
  ]);
  const files = new Map([...wanted].filter(([path, state]) => !isThere(path, state, host)));
  const start: readonly Step[] = files.has(`${folder}/${timer}`) ? [{ kind: 'start', unit: timer }] : [];
  const steps: readonly Step[] = files.size === 0 ? [] : [{ kind: 'daemon-reload' }, ...start];
  const prevented = await preventedBy(folder, settings, files, host);
  return { ...nothing, files, settings, steps, prevented, leftOut };
}

/**
 * Plans that the hooks of services go, and with the last of them the units that they needed.
 *
 * @param units undefined for all
 */
export function planRemoval(inventory: Inventory, units: readonly string[] | undefined): Plan | undefined {
  const { host, loader } = inventory;
  const folder = ownUnitFolder(host.scope, host.environment);
  if (folder === undefined) return undefined;
  const hooked = hookedUnits(folder, host);
  const going = units === undefined ? hooked : hooked.filter(unit => units.includes(unit));
  const isLast = going.length === hooked.length;
  const own = isLast ? [enablingLink(folder), ...ownUnitNames.map(name => `${folder}/${name}`)] : [];
  const paths = [...going.map(unit => dropInOf(folder, unit)), ...own];
  const files = new Map(
    paths.filter(path => isAnything(path, host)).map(path => [path, { kind: 'absent' } as const]),
  );
  const isTimerThere = loader.index.entry(timer) !== undefined;
  const steps: readonly Step[] =
    files.size === 0
      ? []
      : [
          ...(isLast && isTimerThere ? [{ kind: 'stop', unit: timer } as const] : []),
          { kind: 'daemon-reload' },
        ];
  return { ...nothing, files, settings: new Map(going.map(unit => [unit, []])), steps };
}

const nothing = {
  settled: [],
  restarts: [],
  left: [],
  prevented: [],
  settings: new Map(),
  steps: [],
} as const;

const timer = 'daruma-outbox.timer';
const ownUnitNames = [timer, 'daruma-outbox.service', 'daruma-notify@.service'] as const;

function enablingLink(folder: string): string {
  return `${folder}/timers.target.wants/${timer}`;
}

function dropInOf(folder: string, unit: string): string {
  return `${folder}/${unit}.d/${hooksDropInName}`;
}

function file(text: string): FileState {
  return { kind: 'file', content: Buffer.from(text), mode: 0o644 };
}

/**
 * `+`: a sandbox that a unit asks for, or another user, would keep the hook from the store. `-` and timeout(1): nothing
 * that happens to it is the service's concern.
 */
function hooksOf(
  unit: string,
  { loader, host }: Inventory,
  { command, texts }: InstallationOptions,
): readonly WantedSetting[] {
  const { settings } = resolveService(loader.load(unit), loader.defaults, host.systemd.version);
  const line = (limitUsec: number | undefined) => {
    const seconds = Math.min(hookSeconds, boundedSeconds((limitUsec ?? Infinity) / 1_000_000));
    return `-+/usr/bin/timeout -k 1 ${seconds} ${daruma(command)} notify hook${flag(host)} -- %n`;
  };
  const set = (
    key: string,
    value: string,
    comment: string,
    section: WantedSetting['section'] = 'Service',
  ) => ({
    section,
    key,
    values: [value],
    comment,
  });
  // What outlives a stop is waited for once ExecStopPost= follows: that stop would come to nothing but a timeout.
  const outlivesStop = settings?.KillMode.value === 'none';
  return [
    set('OnFailure', 'daruma-notify@%n.service', texts.failed, 'Unit'),
    set('ExecStartPost', line(settings?.TimeoutStartSec.value), texts.started),
    ...(outlivesStop ? [] : [set('ExecStopPost', line(settings?.TimeoutStopSec.value), texts.ended)]),
  ];
}

/** It takes a fifth of a second; a machine that is short of everything takes longer. */
const hookSeconds = 5;

function ownUnits(
  host: Host,
  { command, stateFolder, texts }: InstallationOptions,
): Readonly<Record<(typeof ownUnitNames)[number], string>> {
  const run = daruma(command);
  return {
    // Where nothing waits, the condition fails and no process is started.
    'daruma-outbox.service': `# ${texts.head}
[Unit]
Description=Deliver messages of daruma that wait
ConditionPathExists=${waitingMark(stateFolder).replaceAll('%', '%%')}

[Service]
Type=oneshot
ExecStart=${run} notify flush${flag(host)}
TimeoutStartSec=180
LogLevelMax=notice
`,
    // At boot at once, and by the timer: what a target wants it waits for, and without a network that takes minutes.
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
    'daruma-notify@.service': `# ${texts.head}
[Unit]
Description=Tell that %i has failed

[Service]
Type=oneshot
ExecStart=${run} notify hook --on-failure${flag(host)} -- %i
TimeoutStartSec=30
LogLevelMax=notice
`,
  };
}

function flag({ scope }: Host): string {
  return scope === 'system' ? ' --system' : '';
}

/** The command as a unit file has it: no specifier, no variable. */
function daruma(command: readonly string[]): string {
  return command.map(word => quoted(literal(word))).join(' ');
}

function isThere(path: string, state: FileState, { files }: Host): boolean {
  try {
    if (state.kind === 'link') return files.readLink(path) === state.target;
    return state.kind === 'file' && files.read(path).equals(state.content);
  } catch {
    return false;
  }
}

function isAnything(path: string, { files }: Host): boolean {
  const at = path.lastIndexOf('/');
  return searchedFiles(files)
    .list(path.slice(0, at))
    .some(({ name }) => name === path.slice(at + 1));
}

/** Services that have the drop-in with the hooks. */
function hookedUnits(folder: string, host: Host): readonly string[] {
  return (host.files.list(folder) ?? [])
    .filter(({ name }) => name.endsWith('.service.d'))
    .map(({ name }) => name.slice(0, -'.d'.length))
    .filter(unit => isAnything(dropInOf(folder, unit), host))
    .sort();
}

/** Lines that something else keeps from taking effect, on the host as it would then be. */
async function preventedBy(
  folder: string,
  settings: ReadonlyMap<string, readonly WantedSetting[]>,
  files: ReadonlyMap<string, FileState>,
  host: Host,
): Promise<Plan['prevented']> {
  const after = await openInventory({
    ...host,
    files: overlayFiles(host.files, files),
    manager: undefined,
  });
  return [...settings].flatMap(([unit, hooks]) => {
    const { assignments } = after.loader.load(unit);
    return hooks
      .filter(
        ({ section, key }) =>
          !assignments.get(section, key).some(({ source }) => source.file === dropInOf(folder, unit)),
      )
      .map(({ section, key }) => ({
        unit,
        section,
        key,
        by: assignments.get(section, key).at(-1)?.source ?? null,
      }));
  });
}
