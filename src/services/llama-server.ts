import type { KnownService } from './known-service.ts';
import { listenerOf } from './listening.ts';
import { hasFlag, optionOf, type Program } from './program.ts';

/** The HTTP server of llama.cpp. */
export const llamaServer: KnownService = {
  id: 'llama-server',
  name: 'llama.cpp server',
  sources: ['https://github.com/ggml-org/llama.cpp/blob/master/tools/server/README.md'],
  recognises: program =>
    program.name === 'llama-server' &&
    !hasFlag(program, '--version', '--help', '-h', '--usage', '--list-devices', '--cache-list', '-cl'),
  listens: program =>
    // An address that ends in .sock is a Unix socket.
    listenerOf(program, {
      port: { options: ['--port'], variables: ['LLAMA_ARG_PORT'], otherwise: 8080 },
      address: { options: ['--host'], variables: ['LLAMA_ARG_HOST'], otherwise: '127.0.0.1' },
    }).filter(({ address }) => address?.endsWith('.sock') !== true),
  probes: {
    // It answers with 503 while it loads the model.
    liveness: { path: '/health', statuses: [200, 503] },
    readiness: { path: '/health', statuses: [200] },
    warmUpSeconds: 300,
  },
  sendsKeepAlive: undefined,
  sendsReady: undefined,
  memory: { usualMebibytes: undefined, grows: false },
  pitfalls: {
    openTo: program => (asksForKey(program) ? undefined : 'use'),
    keyVariable: 'LLAMA_API_KEY',
    bindLoopback: { kind: 'option', option: '--host 127.0.0.1' },
  },
  recommended: {
    description: 'llama.cpp server',
    command: '/usr/local/bin/llama-server --model %h/models/MODEL.gguf --host 127.0.0.1 --port 8080',
    machineWords: [
      {
        word: '%h/models/MODEL.gguf',
        candidates: (files, home) =>
          files
            .list(`${home}/models`)
            .filter(({ name }) => name.endsWith('.gguf'))
            .map(({ name }) => `%h/models/${name}`),
        takes: 'only',
      },
    ],
    unit: { StartLimitIntervalSec: '0' },
    service: { Restart: 'always', RestartSec: '5' },
  },
};

/** Whether it asks for a key; true also when that is not known. */
function asksForKey(program: Program): boolean {
  const variables = ['LLAMA_API_KEY', 'LLAMA_ARG_API_KEY_FILE'];
  return (
    !program.isComplete ||
    optionOf(program, '--api-key', '--api-key-file') !== undefined ||
    variables.some(name => program.variable(name) !== undefined)
  );
}
