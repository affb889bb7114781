/**
 * The front: HAProxy before the local LiteLLM, as `daruma failover apply --front` sets it up. What it answers comes from the local
 * LiteLLM or from that of another machine.
 */
import type { HttpProbe, KnownService } from './known-service.ts';
import { litellmLiveliness } from './litellm.ts';
import { listenerOf } from './listening.ts';
import type { Program } from './program.ts';

/** The variable with the address of its socket, which the manager holds: its command line does not name it. */
export const frontPortVariable = 'DARUMA_FRONT_PORT';

/** What HAProxy answers by itself (`monitor-uri`): who waits for it to be up asks nobody behind it. */
export const frontAlive: HttpProbe = { path: '/daruma-front/alive', statuses: [200] };

export const haproxyFront: KnownService = {
  id: 'front',
  name: 'HAProxy before LiteLLM',
  sources: ['https://docs.haproxy.org/2.6/management.html', 'run: haproxy 2.6.12'],
  recognises: program => program.name === 'haproxy' && program.variable(frontPortVariable) !== undefined,
  listens: program =>
    listenerOf(program, {
      port: { variables: [frontPortVariable], otherwise: undefined },
      address: { otherwise: '127.0.0.1' },
    }),
  probes: {
    // Whoever it passes on to.
    liveness: litellmLiveliness,
    readiness: frontAlive,
    warmUpSeconds: 10,
  },
  sendsKeepAlive: false,
  // With `-Ws`.
  sendsReady: true,
  memory: { usualMebibytes: 30, grows: false },
  pitfalls: {},
  recommended: undefined,
};

/** Whether a proxy of a machine is a front, by the id of its service. */
export function isFront({ service }: { readonly service: string }): boolean {
  return service === haproxyFront.id;
}

/** Where a front passes requests on, in the order in which it does. */
interface FrontPlace {
  /** The address of its LiteLLM with `/v1`. */
  readonly baseUrl: string;
  /** The number of the line that names it, from 1. */
  readonly line: number;
}

/** A front and its configuration. */
export interface FrontConfig {
  readonly file: string;
  readonly places: readonly FrontPlace[];
}

/** The configuration that a front reads: of several files the last one, which says where it leads. Undefined when it cannot be read. */
export function frontConfigOf(program: Program): FrontConfig | undefined {
  const file = frontFilesOf(program).at(-1);
  if (file === undefined) return undefined;
  const content = program.files.read(file);
  return content.state === 'read' ? { file, places: readPlaces(content.text) } : undefined;
}

/** The files that a front reads, in its order. */
export function frontFilesOf(program: Program): readonly string[] {
  const { args } = program;
  return args.flatMap((word, index) => (args[index - 1] === '-f' ? (program.resolve(word) ?? []) : []));
}

/** Reads the servers of the sections `listen`, which are those that are asked over the network. */
export function readPlaces(text: string): readonly FrontPlace[] {
  const places: FrontPlace[] = [];
  let isListen = false;
  let prefix = '';
  for (const [index, line] of text.split('\n').entries()) {
    const [keyword = '', name, ...rest] = line.trim().split(/\s+/, mostWords);
    if (sectionKeywords.has(keyword)) {
      isListen = keyword === 'listen';
      prefix = '';
    }
    if (!isListen) continue;
    if (keyword === 'http-request' && name === 'set-path') prefix = (rest[0] ?? '').replace('%[path]', '');
    if (keyword === 'server') {
      const [address = ''] = rest;
      const scheme = rest.includes('ssl') ? 'https' : 'http';
      places.push({ baseUrl: `${scheme}://${address}${prefix}/v1`, line: index + 1 });
    }
  }
  return places;
}

const sectionKeywords: ReadonlySet<string> = new Set([
  'global',
  'defaults',
  'frontend',
  'backend',
  'listen',
  'resolvers',
  'peers',
  'userlist',
  'cache',
  'program',
]);

/** No line of a front has more. */
const mostWords = 64;
