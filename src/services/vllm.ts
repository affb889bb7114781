import type { SearchedFiles } from '../systemd/host/search.ts';
import type { KnownService } from './known-service.ts';
import { listenerOf } from './listening.ts';
import { hasFlag, optionOf, type Program } from './program.ts';

/** The server of vLLM with the API of OpenAI. */
export const vllm: KnownService = {
  id: 'vllm',
  name: 'vLLM',
  sources: [
    'https://github.com/vllm-project/vllm/blob/main/vllm/entrypoints/openai/cli_args.py',
    'https://docs.vllm.ai/en/latest/usage/security.html',
  ],
  recognises: program =>
    !hasFlag(program, '--help', '-h', '--headless') &&
    ((program.name === 'vllm' && program.args[0] === 'serve') ||
      program.name === 'vllm.entrypoints.openai.api_server'),
  listens: program =>
    // With --uds, host and port have no effect; a file of --config may set any of them.
    optionOf(program, '--uds') === undefined
      ? listenerOf(program, {
          port: { options: ['--port'], configured: inConfig, otherwise: 8000 },
          address: { options: ['--host'], configured: inConfig, otherwise: '0.0.0.0' },
          ipv6Only: true,
        })
      : [],
  probes: {
    liveness: { path: '/health', statuses: [200] },
    readiness: undefined,
    // It downloads and loads the weights before it listens.
    warmUpSeconds: 900,
  },
  sendsKeepAlive: undefined,
  sendsReady: undefined,
  memory: { usualMebibytes: undefined, grows: false },
  pitfalls: {
    openTo: program => (asksForKey(program) ? undefined : 'use'),
    keyVariable: 'VLLM_API_KEY',
    bindLoopback: { kind: 'option', option: '--host 127.0.0.1' },
  },
  recommended: {
    description: 'vLLM',
    command: '%h/.local/bin/vllm serve MODEL --host 127.0.0.1 --port 8000',
    machineWords: [{ word: 'MODEL', candidates: downloadedModels, takes: 'only' }],
    unit: { StartLimitIntervalSec: '0' },
    service: {
      EnvironmentFile: '-%h/.config/vllm/environment',
      Restart: 'always',
      RestartSec: '10',
    },
  },
};

/** The downloaded models. Source: huggingface_hub's cache, where the folder `models--ORG--NAME` contains the model ORG/NAME. */
function downloadedModels(files: SearchedFiles, home: string): readonly string[] {
  return (
    files
      .list(`${home}/.cache/huggingface/hub`)
      // bounded: 255 bytes, the name of a folder
      .flatMap(({ name }) => /^models--(.+?)--(.+)$/.exec(name)?.slice(1).join('/') ?? [])
      .toSorted()
  );
}

function inConfig(program: Program): 'unknown' | undefined {
  return optionOf(program, '--config') === undefined ? undefined : 'unknown';
}

/** Whether it asks for a key; true also when that is not known. */
function asksForKey(program: Program): boolean {
  return (
    !program.isComplete ||
    optionOf(program, '--api-key', '--config') !== undefined ||
    program.variable('VLLM_API_KEY') !== undefined
  );
}
