import { isReadWhole } from './config-problem.ts';
import { entriesOf, nodeAt, scalarOf } from './config-node.ts';
import type { KnownService } from './known-service.ts';
import { type Configured, listenerOf, onCommandLine } from './listening.ts';
import { byDefault, type Origin } from './origin.ts';
import {
  type OpenclawConfig,
  type OpenclawPlaces,
  openclawPlaces,
  readOpenclawConfig,
} from './openclaw-config.ts';
import { hasFlag, optionOf, type Program } from './program.ts';

/** The gateway of OpenClaw, in any profile. */
export const openclawGateway: KnownService = {
  id: 'openclaw-gateway',
  name: 'OpenClaw gateway',
  sources: [
    'https://docs.openclaw.ai/cli/gateway',
    'https://docs.openclaw.ai/gateway/configuration',
    'run: openclaw 2026.9.6, its own unit generator, exit statuses and probe paths',
  ],
  recognises: program => runsGateway(program) || isWrappedGateway(program),
  listens: program =>
    isWrappedGateway(program)
      ? []
      : listenerOf(program, {
          port: {
            options: ['--port'],
            variables: ['OPENCLAW_GATEWAY_PORT'],
            configured: configuredPort,
            otherwise: profileOf(program) === 'dev' ? 19_001 : 18_789,
          },
          address: { configured: boundAddress, otherwise: '127.0.0.1' },
        }),
  probes: {
    // It answers every unknown path with 200 and a page: only the body tells them apart.
    liveness: { path: '/healthz', statuses: [200], bodyIncludes: '"ok":true' },
    readiness: { path: '/readyz', statuses: [200], bodyIncludes: '"ready":true' },
    warmUpSeconds: 120,
  },
  sendsKeepAlive: false,
  sendsReady: false,
  memory: {
    usualMebibytes: 1024,
    grows: true,
    sources: [
      'https://github.com/openclaw/openclaw/issues/89315',
      'https://github.com/openclaw/openclaw/issues/82518',
    ],
  },
  pitfalls: {
    // It runs the shells and browsers of its agents; OpenClaw's own unit sets OOMPolicy=continue for this reason.
    runsCommands: true,
    // The status for an invalid configuration, a missing gateway.mode, or missing authentication.
    hopelessStatuses: [78],
    // The time of a stop by SIGTERM while Telegram cannot be reached.
    slowStopSeconds: 327,
  },
  recommended: {
    description: 'OpenClaw gateway',
    command: '/usr/bin/node /usr/lib/node_modules/openclaw/dist/index.js gateway --port 18789',
    unit: { StartLimitIntervalSec: '0' },
    service: {
      EnvironmentFile: '-%h/.openclaw/gateway.systemd.env',
      Restart: 'always',
      RestartSec: '5',
      RestartPreventExitStatus: '78',
      SuccessExitStatus: '0 143',
      TimeoutStartSec: '30',
      TimeoutStopSec: '330',
      KillMode: 'mixed',
      OOMPolicy: 'continue',
      MemoryMax: '50%',
    },
  },
};

/** `openclaw [--profile NAME] gateway [run]`, but not `gateway status` and the like. */
function runsGateway(program: Program): boolean {
  if (!isOpenClaw(program)) return false;
  const start = commandIndex(program.args);
  if (program.args[start] !== 'gateway') return false;
  const next = program.args[start + 1];
  const isHelp = hasFlag(program, '--help', '-h', '--version', '-V');
  return !isHelp && (next === undefined || next === 'run' || /^[-$]/.test(next));
}

/** Whether a program is OpenClaw itself, and no script around it. */
export function isOpenClaw({ name, path }: Program): boolean {
  return (
    name === 'openclaw' || name === 'openclaw.mjs' || /\/openclaw\/dist\/(?:index|entry)\.m?js$/.test(path)
  );
}

/** The index of the command after the options of the program. */
function commandIndex(args: readonly string[]): number {
  let index = 0;
  while (args[index]?.startsWith('-')) index += globalValued.has(args[index] ?? '') ? 2 : 1;
  return index;
}

const globalValued: ReadonlySet<string> = new Set(['--profile', '--log-level', '--container']);

/** Whether it is a script of the user with the name of OpenClaw's own unit; it is not known where such a script listens. */
function isWrappedGateway(program: Program): boolean {
  return (
    /^openclaw-gateway(?:[-@][\w-]+)?\.service$/.test(program.unit) &&
    !isOpenClaw(program) &&
    /(?:^|\/)(?:sh|bash|dash|zsh)$|\.sh$/.test(program.argv[0] ?? '')
  );
}

function profileOf(program: Program): string | undefined {
  const profile = optionOf(program, '--profile') ?? program.variable('OPENCLAW_PROFILE');
  if (profile === undefined) return hasFlag(program, '--dev') ? 'dev' : undefined;
  return profile === 'default' || profile === '' ? undefined : profile;
}

function configuredPort(program: Program): Configured<number> {
  const gateway = gatewaySettings(program);
  if (gateway === undefined || gateway === 'unknown') return gateway;
  const port = gateway.values.get('port');
  if (port === undefined) return undefined;
  return typeof port === 'number' ? { value: port, origin: gateway.origin } : 'unknown';
}

/** `--bind` and `gateway.bind` name a kind of address; the address for a tailnet is not known here. */
function boundAddress(program: Program): Configured<string> {
  const option = optionOf(program, '--bind');
  const gateway = option === undefined ? gatewaySettings(program) : undefined;
  if (gateway === 'unknown') return 'unknown';
  const bind = option ?? gateway?.values.get('bind') ?? 'loopback';
  const origin = option === undefined ? (gateway?.origin ?? byDefault) : onCommandLine(program);
  if (bind === 'loopback') return { value: '127.0.0.1', origin };
  return bind === 'lan' ? { value: '0.0.0.0', origin } : 'unknown';
}

interface GatewaySettings {
  readonly values: ReadonlyMap<string, unknown>;
  readonly origin: Origin;
}

/** The section `gateway` of the configuration; `unknown` when it, or a part of it, cannot be read. */
function gatewaySettings(program: Program): GatewaySettings | 'unknown' | undefined {
  const config = configurationOf(program);
  if (config?.state === 'missing') return undefined;
  if (config?.root === undefined || !isReadWhole(config.problems)) return 'unknown';
  const gateway = nodeAt(config.root, 'gateway');
  if (gateway === undefined) return undefined;
  const values = new Map(entriesOf(gateway).map(([key, node]) => [key, scalarOf(node)] as const));
  return { values, origin: { kind: 'file', file: gateway.source.file, source: null } };
}

/** The configuration that it reads at its start; undefined when its place is not known. */
export function configurationOf(program: Program): OpenclawConfig | undefined {
  const known = configurations.get(program);
  if (known !== undefined) return known;
  const places = placesOf(program);
  const config = places && readOpenclawConfig(places, program);
  if (config !== undefined) configurations.set(program, config);
  return config;
}

/** Whether it starts with any configuration. */
export function startsUnconfigured(program: Program): boolean {
  return hasFlag(program, '--allow-unconfigured');
}

/** The configuration is kept, since the port, the address and the models are asked for separately. */
const configurations = new WeakMap<Program, OpenclawConfig>();

function placesOf(program: Program): OpenclawPlaces | undefined {
  const places = openclawPlaces(name => program.variable(name), profileOf(program));
  const file = program.resolve(places?.file ?? '');
  const stateFolder = program.resolve(places?.stateFolder ?? '');
  return places === undefined || file === undefined || stateFolder === undefined
    ? undefined
    : { ...places, file, stateFolder };
}
