/** The port that the command line of any program names as its own. */
import { isIP } from 'node:net';
import path from 'node:path';
import { portOf } from './listening.ts';
import { optionOf, type Program } from './program.ts';

export interface NamedPort {
  /** The address that it binds; undefined when the command line does not say so. */
  readonly address: string | undefined;
  readonly port: number;
}

/**
 * @returns undefined when the command line names none, several, or one that may be somebody else's
 * @example namedPort({ args: ['serve', '--listen=:8080'], ... }) // { address: undefined, port: 8080 }
 */
export function namedPort(program: Pick<Program, 'args' | 'argv'>): NamedPort | undefined {
  const { args, argv } = program;
  const served = ofPythonsServer(argv);
  if (served !== undefined) return served;
  if (forOthers.has(path.posix.basename(argv[0] ?? ''))) return undefined;
  const host = optionOf(program, ...hosts);
  // A client names the server that it asks.
  if (host !== undefined && !isOwn(host)) return undefined;
  const named = [
    ...bare.flatMap(name => withPort(host, optionOf(program, name) ?? '')),
    ...listening.flatMap(name => endpointOf(optionOf(program, name) ?? '', host)),
    // Of a remote end there is always a name.
    ...addresses.flatMap(name => {
      const value = optionOf(program, name) ?? '';
      return /^[*:]/.test(value) ? endpointOf(value, host) : [];
    }),
    ...(args.some(word => /@|:\/\//.test(word)) ? [] : withPort(host, highPort(optionOf(program, '-p')))),
  ];
  const [first, ...others] = named;
  return others.every(({ port }) => port === first?.port) ? first : undefined;
}

/** What they are told of ports is not about a port on which they listen themselves: a container's, or that of another machine. */
const forOthers: ReadonlySet<string> = new Set([
  'docker',
  'podman',
  'nerdctl',
  'ssh',
  'autossh',
  'sshpass',
  'mosh',
]);

const hosts = ['--host', '-host', '--hostname', '--bind-address'];
const bare = ['--port', '-port', '--http-port', '--listen-port', '--server.port', '--http.port'];
const listening = [
  '--listen',
  '-listen',
  '--listen-address',
  '--listen-addr',
  '--web.listen-address',
  '--bind',
];
const addresses = ['--addr', '-addr', '--address', '--http', '-http', '--http-addr', '--http-address'];

/** `python3 -m http.server [-b ADDRESS] [PORT]`. Source: docs.python.org, "http.server", Command-line interface. */
function ofPythonsServer([program = '', ...words]: readonly string[]): NamedPort | undefined {
  const at = words.indexOf('http.server');
  if (words[at - 1] !== '-m' || !/^python[\d.]*$/.test(path.posix.basename(program))) return undefined;
  const args = words.slice(at + 1);
  const operand = args.find(
    (word, index) =>
      /^\d+$/.test(word) && !/^(?:-[bdp]|--(?:bind|directory|protocol))$/.test(args[index - 1] ?? ''),
  );
  const port = portOf(operand ?? '8000');
  return port === undefined ? undefined : { address: optionOf({ args }, '-b', '--bind'), port };
}

function withPort(address: string | undefined, text: string): readonly NamedPort[] {
  const port = portOf(text);
  return port === undefined ? [] : [{ address, port }];
}

/** `8080`, `:8080`, `*:8080`, `127.0.0.1:8080`, `[::1]:8080`, each also behind `http://` or `tcp://`. */
function endpointOf(text: string, host: string | undefined): readonly NamedPort[] {
  const endpoint = text.replace(/^(?:https?|tcp):\/\//, '').replace(/\/$/, '');
  const at = endpoint.lastIndexOf(':');
  const address = endpoint.slice(0, Math.max(0, at)).replace(/^\[(.*)\]$/, '$1');
  if (address === '' || address === '*') return withPort(host, endpoint.slice(at + 1));
  return isOwn(address) || isIP(address) !== 0 ? withPort(address, endpoint.slice(at + 1)) : [];
}

/** A small number behind `-p` counts something else. */
function highPort(text: string | undefined): string {
  return Number(text) >= 1024 ? (text ?? '') : '';
}

/** An address of this machine, as far as an address tells. */
function isOwn(host: string): boolean {
  return /^(?:localhost|127\.[\d.]+|0\.0\.0\.0|::1?|\[::1?\]|\*)?$/.test(host);
}
