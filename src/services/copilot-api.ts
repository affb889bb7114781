import type { KnownService } from './known-service.ts';
import { listenerOf } from './listening.ts';
import type { Program } from './program.ts';

/** A proxy to GitHub Copilot with the API of OpenAI. */
export const copilotApi: KnownService = {
  id: 'copilot-api',
  name: 'copilot-api',
  sources: [
    'https://github.com/ericc-ch/copilot-api/blob/master/src/start.ts',
    'https://github.com/ericc-ch/copilot-api/blob/master/src/server.ts',
    'run: copilot-api 0.7.0, against a stand-in for GitHub whose token dies',
  ],
  recognises: program => isCopilotApi(program) && program.args[0] === 'start',
  listens: program =>
    listenerOf(program, {
      port: { options: ['--port', '-p'], otherwise: 4141 },
      // The program itself sets no address: srvx, its HTTP server, reads HOST.
      address: { variables: ['HOST'], otherwise: '::' },
    }),
  probes: {
    liveness: { path: '/', statuses: [200], bodyIncludes: 'Server running' },
    // It loads the list of models before it listens.
    readiness: { path: '/v1/models', statuses: [200] },
    // Without a token that GitHub accepts, each start fails. A token that dies later is noticed by nothing else: the list of
    // models and /token are kept, until the token is renewed (every 25 minutes), at which the process ends with 1.
    credentials: { path: '/usage', statuses: [200] },
    warmUpSeconds: 60,
  },
  sendsKeepAlive: false,
  sendsReady: false,
  memory: { usualMebibytes: undefined, grows: false },
  pitfalls: {
    // GET /token returns the Copilot token without asking for a key.
    openTo: () => 'token',
    bindLoopback: { kind: 'variable', name: 'HOST', value: '127.0.0.1' },
  },
  recommended: {
    description: 'GitHub Copilot API proxy',
    command: '%h/.local/bin/copilot-api start -p 4141',
    unit: { StartLimitIntervalSec: '0' },
    // It exits when it cannot reach GitHub: it should be restarted, but not too often.
    service: { Environment: 'HOST=127.0.0.1', Restart: 'always', RestartSec: '10' },
  },
};

/** Whether the program is started by its name, or from a checkout as `.../copilot-api/dist/main.js`. */
function isCopilotApi({ name, path }: Program): boolean {
  return name === 'copilot-api' || /\/copilot-api\/(?:dist|src)\/main\.[jt]s$/.test(path);
}
