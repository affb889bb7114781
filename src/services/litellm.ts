import { parse } from 'yaml';
import type { Exposure, KnownService } from './known-service.ts';
import { listenerOf } from './listening.ts';
import { hasFlag, optionOf, type Program } from './program.ts';

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
    // Words that are no options are other commands: `litellm xai-oauth login`.
    !isWord(program.args[0]) &&
    !hasFlag(program, ...otherCommands),
  listens: program =>
    listenerOf(program, {
      port: { options: ['--port'], variables: ['PORT'], otherwise: 4000 },
      address: { options: ['--host'], variables: ['HOST'], otherwise: '0.0.0.0' },
      ipv6Only: true,
    }),
  probes: {
    // Not /health: it asks every model for an answer, and each of them is paid for.
    liveness: { path: '/health/liveliness', statuses: [200] },
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
    // `if port == 4000 and _is_port_in_use(port)`: another port is an ordinary failure.
    takesRandomPort: 4000,
    openTo: program => (hasKey(program) === false ? 'use' : undefined) satisfies Exposure | undefined,
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

/** Its documentation leaves the place to whoever installs it; these are the ones that people write about. */
const configurationFiles = [
  '%h/.config/litellm/config.yaml',
  '%h/.openclaw/litellm/config.yaml',
  '%h/litellm/config.yaml',
  '%h/litellm_config.yaml',
  '/etc/litellm/config.yaml',
];

/** Neither an option nor a variable that is not known. */
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

/** Whether it asks callers for a key; undefined where that is not known. */
function hasKey(program: Program): boolean | undefined {
  const key = program.variable('LITELLM_MASTER_KEY');
  if (key !== undefined && isKey(key)) return true;
  if (!program.isComplete) return undefined;
  // Its configuration then comes from elsewhere.
  if (elsewhere.some(name => program.variable(name) !== undefined)) return undefined;
  const config = optionOf(program, '--config', '-c');
  if (config === undefined) return false;
  const file = program.resolve(config);
  const content = file === undefined ? undefined : program.read(file);
  return content?.state === 'read' ? asksForKey(content.text) : undefined;
}

const elsewhere = ['CONFIG_FILE_PATH', 'LITELLM_CONFIG_BUCKET_NAME', 'DATABASE_URL'];

/** Neither empty nor the one of all the examples, which newer versions refuse as well. */
function isKey(key: unknown): boolean {
  return key !== undefined && key !== null && key !== '' && key !== 'sk-1234';
}

/** `master_key`, or `custom_auth` in its place; `include` may bring either. */
function asksForKey(text: string): boolean | undefined {
  try {
    const config: unknown = parse(text, { logLevel: 'error' });
    if (!isRecord(config) || 'include' in config) return undefined;
    const { general_settings: general, environment_variables: variables } = config;
    const asks = (settings: unknown, ...keys: readonly string[]) =>
      isRecord(settings) && keys.some(key => isKey(settings[key]));
    return (
      asks(general, 'master_key', 'custom_auth', 'enable_jwt_auth', 'enable_oauth2_auth') ||
      asks(variables, 'LITELLM_MASTER_KEY')
    );
  } catch {
    return undefined;
  }
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
