import type { KnownService } from './known-service.ts';
import { portOf } from './listening.ts';
import { byDefault } from './origin.ts';
import type { Program } from './program.ts';

/** The server of Ollama. */
export const ollama: KnownService = {
  id: 'ollama',
  name: 'Ollama',
  sources: [
    'https://github.com/ollama/ollama/blob/main/envconfig/config.go',
    'https://github.com/ollama/ollama/blob/main/docs/faq.mdx',
  ],
  recognises: ({ name, args }) => name === 'ollama' && (args[0] === 'serve' || args[0] === 'start'),
  listens: program => {
    const written = program.variable('OLLAMA_HOST');
    if (written === undefined && !program.isComplete) return [];
    const host = readHost(written ?? '');
    const origin = program.variableOrigin('OLLAMA_HOST') ?? byDefault;
    return host === undefined
      ? []
      : [{ ...host, ipv6Only: false, portOrigin: origin, addressOrigin: origin }];
  },
  probes: {
    liveness: { path: '/', statuses: [200], bodyIncludes: 'Ollama is running' },
    readiness: { path: '/api/version', statuses: [200] },
    warmUpSeconds: 60,
  },
  sendsKeepAlive: undefined,
  sendsReady: undefined,
  // It keeps the models in use in memory, and frees them later.
  memory: { usualMebibytes: undefined, grows: false },
  pitfalls: {
    // It has no keys: everyone who can connect may use, load and delete models.
    openTo: (program: Program) => (program.isComplete ? 'use' : undefined),
    bindLoopback: { kind: 'variable', name: 'OLLAMA_HOST', value: '127.0.0.1' },
  },
  recommended: {
    description: 'Ollama',
    command: '/usr/local/bin/ollama serve',
    unit: { StartLimitIntervalSec: '0' },
    service: { Restart: 'always', RestartSec: '5' },
  },
};

/** `[SCHEME://]HOST[:PORT]`; without a scheme the port is 11434, with a scheme it is that of the scheme. */
function readHost(written: string): { readonly address: string; readonly port: number } | undefined {
  const trimmed = written.trim().replaceAll(/^["']+|(?<!["'])["']+$/g, '');
  const [begin = '', scheme] = /^(\w+):\/\//.exec(trimmed) ?? [];
  const rest = trimmed.slice(begin.length).replace(/(?<!\/)\/+$/, '');
  const [, host = '', port] = /^(\[[^\]]*\]|[^:]*)(?::(\d+))?$/.exec(rest) ?? [undefined, rest];
  const usual = scheme === 'http' ? 80 : scheme === 'https' ? 443 : 11_434;
  const number = port === undefined ? usual : portOf(port);
  if (number === undefined) return undefined;
  // `:11434` means every address; an empty text means the loopback address.
  const address = host.replaceAll(/[[\]]/g, '') || (port === undefined ? '127.0.0.1' : '0.0.0.0');
  return { address, port: number };
}
