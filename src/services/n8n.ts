import type { KnownService } from './known-service.ts';
import { listenerOf } from './listening.ts';
import { hasFlag, type Program } from './program.ts';

/** The main process of n8n. Its workers and webhook processors are other programs. */
export const n8n: KnownService = {
  id: 'n8n',
  name: 'n8n',
  sources: [
    'https://docs.n8n.io/hosting/configuration/environment-variables/deployment/',
    'https://docs.n8n.io/hosting/logging-monitoring/monitoring/',
  ],
  recognises: program =>
    program.name === 'n8n' &&
    (program.args[0] === undefined || program.args[0] === 'start') &&
    !hasFlag(program, '--help', '--version'),
  listens: program =>
    listenerOf(program, {
      port: { variables: ['N8N_PORT'], configured: inConfig, otherwise: 5678 },
      address: { variables: ['N8N_LISTEN_ADDRESS'], configured: inConfig, otherwise: '::' },
    }),
  probes: {
    liveness: { path: '/healthz', statuses: [200] },
    // It answers with 200 once its database is connected and migrated.
    readiness: { path: '/healthz/readiness', statuses: [200] },
    warmUpSeconds: 120,
  },
  sendsKeepAlive: undefined,
  sendsReady: undefined,
  memory: { usualMebibytes: undefined, grows: false },
  // It has accounts of its own.
  pitfalls: { bindLoopback: { kind: 'variable', name: 'N8N_LISTEN_ADDRESS', value: '127.0.0.1' } },
  recommended: {
    description: 'n8n',
    command: '/usr/bin/n8n start',
    unit: { StartLimitIntervalSec: '0' },
    service: {
      Environment: 'N8N_LISTEN_ADDRESS=127.0.0.1',
      EnvironmentFile: '-%h/.config/n8n/environment',
      Restart: 'always',
      RestartSec: '5',
    },
  },
};

/** Whether the address or the port may come from a file: from one with settings, or one that a variable names. */
function inConfig(program: Program): 'unknown' | undefined {
  const names = ['N8N_CONFIG_FILES', 'N8N_PORT_FILE', 'N8N_LISTEN_ADDRESS_FILE'];
  return names.some(name => program.variable(name) !== undefined) ? 'unknown' : undefined;
}
