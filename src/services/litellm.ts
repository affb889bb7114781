import { nodeAt, scalarOf } from './config-node.ts';
import type { Exposure, HttpProbe, KnownService } from './known-service.ts';
import { type LitellmConfig, type LitellmReader, readLitellmConfig } from './litellm-config.ts';
import { masterKeyOf } from './litellm-key.ts';
import { listenerOf } from './listening.ts';
import { hasFlag, optionOf, type Program } from './program.ts';

/** What it answers to everybody, as JSON, without asking a model (`health_liveliness()`). */
export const litellmLiveliness = {
  path: '/health/liveliness',
  statuses: [200],
  bodyIncludes: "I'm alive!",
} as const satisfies HttpProbe;

/** The proxy server of LiteLLM. */
export const litellm: KnownService = {
  id: 'litellm',
  name: 'LiteLLM',
  sources: [
    'https://github.com/BerriAI/litellm/blob/main/litellm/proxy/proxy_cli.py',
    'https://docs.litellm.ai/docs/proxy/health',
    'https://docs.litellm.ai/docs/proxy/virtual_keys',
    'https://github.com/BerriAI/litellm/pull/42019',
    'run: litellm 1.106.2',
  ],
  recognises: program =>
    (program.name === 'litellm' || program.name === 'litellm.proxy.proxy_cli') &&
    // A word that is no option is another command: `litellm xai-oauth login`.
    !isWord(program.args[0]) &&
    !hasFlag(program, ...otherCommands),
  listens: program =>
    listenerOf(program, {
      port: { options: ['--port'], variables: ['PORT'], otherwise: 4000 },
      address: { options: ['--host'], variables: ['HOST'], otherwise: '0.0.0.0' },
      ipv6Only: true,
    }),
  probes: {
    // Not /health, which asks every model for an answer that must be paid for.
    liveness: litellmLiveliness,
    readiness: { path: '/health/readiness', statuses: [200] },
    warmUpSeconds: 90,
  },
  sendsKeepAlive: false,
  sendsReady: false,
  memory: {
    usualMebibytes: undefined,
    grows: true,
    sources: [
      'https://github.com/BerriAI/litellm/issues/38193',
      'https://github.com/BerriAI/litellm/issues/27954',
    ],
  },
  pitfalls: {
    // `if port == 4000 and _is_port_in_use(port)`: for any other port, the start fails as usual.
    takesRandomPort: 4000,
    openTo: program => (asksForKey(program) === false ? 'use' : undefined) satisfies Exposure | undefined,
    keyVariable: 'LITELLM_MASTER_KEY',
    newerRefuseWithoutKey: true,
    bindLoopback: { kind: 'option', option: '--host 127.0.0.1' },
  },
  recommended: {
    description: 'LiteLLM proxy',
    command: '%h/.local/bin/litellm --config %h/.config/litellm/config.yaml --host 127.0.0.1 --port 4000',
    machineWords: [
      {
        word: '%h/.config/litellm/config.yaml',
        candidates: (files, home) =>
          configurationFiles.filter(file => files.status(file.replace('%h', home)) !== undefined),
        takes: 'first',
      },
    ],
    unit: { StartLimitIntervalSec: '0' },
    service: {
      EnvironmentFile: '-%h/.config/litellm/environment',
      Restart: 'always',
      RestartSec: '5',
      MemoryMax: '50%',
    },
  },
};

/** The documentation does not say where the file should be; these are the places that people write about. */
const configurationFiles = [
  '%h/.config/litellm/config.yaml',
  '%h/.openclaw/litellm/config.yaml',
  '%h/litellm/config.yaml',
  '%h/litellm_config.yaml',
  '/etc/litellm/config.yaml',
];

/** Whether an argument is a word: neither an option nor a variable that is not known. */
function isWord(argument: string | undefined): boolean {
  return argument !== undefined && !/^[-$]/.test(argument);
}

const otherCommands = [
  '--version',
  '-v',
  '--help',
  '--health',
  '--test',
  '--test_async',
  '--setup',
  '--validate_config',
  '--skip_server_startup',
];

/** Whether it asks callers for a key; undefined when that is not known. The key of all the examples is none. */
export function asksForKey(program: Program): boolean | undefined {
  const config = litellmConfigOf(program);
  const key = masterKeyOf(program, config);
  if (key?.state === 'key') return true;
  if (key?.state === 'unknown' || readsConfigElsewhere(program)) return undefined;
  if (optionOf(program, '--config', '-c') === undefined) return false;
  if (config?.root === undefined || config.problems.length > 0) return undefined;
  return asksOtherwise(config);
}

const elsewhere = ['CONFIG_FILE_PATH', 'LITELLM_CONFIG_BUCKET_NAME', 'DATABASE_URL'];

/** Whether the configuration comes from another place than its command line says. */
export function readsConfigElsewhere(program: Program): boolean {
  return !program.isComplete || elsewhere.some(name => program.variable(name) !== undefined);
}

/** The configuration that its command line names; undefined when there is none, or when its place is not known. */
export function litellmConfigOf(program: Program): LitellmConfig | undefined {
  const known = configurations.get(program);
  if (known !== undefined) return known;
  const option = optionOf(program, '--config', '-c');
  const file = option === undefined ? undefined : program.resolve(option);
  const config = file === undefined ? undefined : readLitellmConfig(file, readerOf(program));
  if (config !== undefined) configurations.set(program, config);
  return config;
}

/** LiteLLM also reads the variables of a `.env` that it finds itself. */
function readerOf(program: Program): LitellmReader {
  return { files: program.files, variable: name => program.variable(name), isComplete: false };
}

/** The configuration is kept, since the key and the models are asked for separately. */
const configurations = new WeakMap<Program, LitellmConfig>();

/** Whether the configuration lets callers in by something else than the master key. */
function asksOtherwise({ root }: LitellmConfig): boolean {
  return ['custom_auth', 'enable_jwt_auth', 'enable_oauth2_auth'].some(name =>
    Boolean(scalarOf(nodeAt(root, 'general_settings', name))),
  );
}
