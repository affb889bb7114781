/** Runs in a lab host: what daruma makes of the units named on standard input, as one JSON object by name. */
import fs from 'node:fs';
import { unitFileState } from '../../src/systemd/enablement.ts';
import { openOfflineHost } from '../../src/systemd/host/offline-host.ts';
import { readManagerConfiguration } from '../../src/systemd/manager-defaults.ts';
import { resolveService } from '../../src/systemd/service.ts';
import type { ExecCommand } from '../../src/systemd/service-settings.ts';
import { shownSettings } from '../../src/systemd/shown-settings.ts';
import { createUnitLoader, dependenciesOf } from '../../src/systemd/unit.ts';

/** One unit in the words of `systemctl show`. */
export interface Effective {
  /** The name asked for. */
  readonly name: string;
  readonly LoadState: string;
  readonly problem: unknown;
  readonly Id: string;
  readonly Names: readonly string[];
  readonly FragmentPath: string;
  readonly DropInPaths: readonly string[];
  readonly UnitFileState: string;
  /** By directive; undefined when the unit is not loaded or no service. */
  readonly shown: Readonly<Record<string, string>> | undefined;
  readonly commands: Readonly<Record<string, readonly string[]>> | undefined;
  readonly dependencies: Readonly<Record<string, readonly string[]>>;
}

const dependencies = [
  'Wants',
  'Requires',
  'Requisite',
  'BindsTo',
  'PartOf',
  'Upholds',
  'OnFailure',
  'OnSuccess',
  'After',
  'Before',
];
const commands = [
  'ExecCondition',
  'ExecStartPre',
  'ExecStart',
  'ExecStartPost',
  'ExecStop',
  'ExecStopPost',
] as const;

const scope = process.argv[2] === 'user' ? 'user' : 'system';
const host = openOfflineHost({ root: '/', scope, ...(scope === 'user' && { home: '/home/kuma' }) });
const { version } = host.systemd;
const loader = createUnitLoader(host);
const { defaults } = readManagerConfiguration(host);

// oxlint-disable-next-line typescript/no-unsafe-type-assertion -- our own test's words
const names = JSON.parse(fs.readFileSync(0, 'utf8')) as readonly string[];
process.stdout.write(JSON.stringify(Object.fromEntries(names.map(name => [name, effective(name)]))));

function effective(name: string): Effective {
  const loaded = loader.load(name);
  const service = loaded.type === 'service' ? resolveService(loaded, defaults, version) : undefined;
  const unit = service?.unit ?? loaded;
  const settings = service?.settings;
  const links = unit.links.map(({ kind, to }) => [kind, to] as const);
  return {
    name,
    LoadState: unit.load,
    problem: unit.problem,
    Id: unit.id,
    Names: [...unit.names].sort(),
    FragmentPath: unit.fragment ?? '',
    DropInPaths: unit.dropIns,
    UnitFileState: unitFileState(loader, unit) ?? '',
    shown:
      settings &&
      Object.fromEntries(
        Object.entries({
          ...Object.fromEntries(
            Object.entries(shownSettings(settings, version)).map(([key, { value }]) => [key, value]),
          ),
          GuessMainPID: settings.GuessMainPID.value ? 'yes' : 'no',
          PIDFile: settings.PIDFile.value ?? '',
          KillSignal: String(settings.KillSignal.value),
          WatchdogSignal: String(settings.WatchdogSignal.value),
          TimeoutStartFailureMode: settings.TimeoutStartFailureMode.value,
          MemoryAccounting: settings.MemoryAccounting.value ? 'yes' : 'no',
        }),
      ),
    commands:
      settings && Object.fromEntries(commands.map(key => [key, settings[key].value.map(commandText)])),
    dependencies: Object.fromEntries(
      dependencies.map(key => [
        key,
        [
          ...dependenciesOf(unit, key).map(dependency => dependency.unit),
          ...links.flatMap(([kind, to]) => (kind === key ? [to] : [])),
          // systemd shows them by the names they go by.
        ].map(dependency => loader.load(dependency).id),
      ]),
    ),
  };
}

function commandText({ path, argv, ignoreFailure }: ExecCommand): string {
  return `path=${path} ; argv[]=${argv.join(' ')} ; ignore_errors=${ignoreFailure ? 'yes' : 'no'}`;
}
