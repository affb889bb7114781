/* oxlint-disable typescript/no-unsafe-type-assertion -- readers are given what they look at, and no more */
/** Known services whose arguments and variables all have the same hostile text. */
import { recogniseService } from '../../src/services/index.ts';
import type { Program } from '../../src/services/program.ts';
import { filesOf } from './files.ts';

export function configuredPort(text: string): unknown {
  return [
    'ollama',
    'vllm',
    'llama-server',
    'litellm',
    'open-webui',
    'n8n',
    'hermes',
    'uvicorn',
    'gunicorn',
    'copilot-api',
    'openclaw',
  ].map(name => {
    const program: Program = {
      unit: `${name}.service`,
      command: { path: `/usr/bin/${name}`, argv: [name] } as never,
      argv: [
        name,
        'serve',
        text,
        '--port',
        text,
        '--host',
        text,
        '--bind',
        text,
        '--model',
        text,
        '-c',
        text,
      ],
      name,
      path: `/usr/bin/${name}`,
      args: ['serve', text, '--port', text, '--host', text, '--bind', text, '--model', text, '-c', text],
      isComplete: true,
      variable: () => text,
      variableOrigin: () => undefined,
      resolve: file => file,
      files: filesOf({}),
    };
    const known = recogniseService(program);
    return known?.service.listens(program);
  });
}
