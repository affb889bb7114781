import path from 'node:path';
import type { KnownService } from './known-service.ts';
import { listenerOf } from './listening.ts';
import { hasFlag, type Program } from './program.ts';

/** Any program of Node, Bun or Deno. */
export const nodeService: KnownService = {
  id: 'node-service',
  name: 'Node.js service',
  sources: ['https://nextjs.org/docs/app/api-reference/cli/next', 'https://nodejs.org/api/cli.html'],
  recognises: program => (isNext(program) || runsScript(program)) && !hasFlag(program, '--help'),
  listens: program =>
    listenerOf(
      program,
      isNext(program)
        ? {
            port: { options: ['--port', '-p'], variables: ['PORT'], otherwise: 3000 },
            address: { options: ['--hostname', '-H'], otherwise: '0.0.0.0' },
          }
        : // What PORT says is what nearly every one of them listens on; without it nothing is known.
          {
            port: { variables: ['PORT'], otherwise: undefined },
            address: { otherwise: undefined },
          },
    ),
  probes: { liveness: undefined, readiness: undefined, warmUpSeconds: 60 },
  sendsKeepAlive: undefined,
  sendsReady: undefined,
  memory: { usualMebibytes: undefined, grows: false },
  pitfalls: {},
  recommended: undefined,
};

/** Whether an interpreter is given a script; without one, only the interpreter itself runs. */
function runsScript({ argv: [first = ''], path: script }: Program): boolean {
  return interpreters.test(path.posix.basename(first)) && script !== first;
}

const interpreters = /^(?:node|nodejs|bun|deno|tsx|ts-node)$/;

function isNext({ name, args }: Program): boolean {
  return name === 'next' && args[0] === 'start';
}
