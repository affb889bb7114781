import type { KnownService } from './known-service.ts';
import { listenerOf } from './listening.ts';

/** Open WebUI, started by its own command. */
export const openWebui: KnownService = {
  id: 'open-webui',
  name: 'Open WebUI',
  sources: [
    'https://github.com/open-webui/open-webui/blob/main/backend/open_webui/__init__.py',
    'https://docs.openwebui.com/getting-started/env-configuration',
  ],
  recognises: ({ name, args }) => name === 'open-webui' && args[0] === 'serve' && !args.includes('--help'),
  listens: program =>
    listenerOf(program, {
      port: { options: ['--port'], otherwise: 8080 },
      address: { options: ['--host'], otherwise: '0.0.0.0' },
      ipv6Only: true,
    }),
  probes: {
    liveness: { path: '/health', statuses: [200] },
    readiness: undefined,
    warmUpSeconds: 180,
  },
  sendsKeepAlive: undefined,
  sendsReady: undefined,
  memory: { usualMebibytes: undefined, grows: false },
  pitfalls: {
    // With WEBUI_AUTH=False everyone is the administrator.
    openTo: program => (program.variable('WEBUI_AUTH')?.toLowerCase() === 'false' ? 'control' : undefined),
    bindLoopback: { kind: 'option', option: '--host 127.0.0.1' },
  },
  recommended: {
    description: 'Open WebUI',
    command: '%h/.local/bin/open-webui serve --host 127.0.0.1 --port 8080',
    unit: { StartLimitIntervalSec: '0' },
    service: { WorkingDirectory: '%h', Restart: 'always', RestartSec: '5' },
  },
};
