/**
 * The addresses that a machine's reverse proxies answer, and the upstreams that they ask: the simple forms of a
 * Caddyfile and of nginx's sites, and the ingress rules of a tunnel of Cloudflare.
 *
 * Sources: caddyserver.com/docs/caddyfile (`reverse_proxy`, `handle_path`, addresses, `servers`); nginx.org (`listen`,
 * `server_name`, `location`, `proxy_pass`, `upstream`, `proxy_read_timeout`, `proxy_buffering`); run: nginx 1.22.1, Caddy
 * 2.6.2; developers.cloudflare.com (configuration file of locally-managed tunnels, error 524).
 */
import { itemsOf, nodeAt, textOf } from '../services/config-node.ts';
import type { OwnFiles } from '../services/own-files.ts';
import { yamlMapping, type YamlReading } from '../services/yaml-config.ts';
import type { MetLimit } from '../systemd/host/limit.ts';
import type { SourceLine } from '../systemd/service-settings.ts';
import { parseBlocks, type Statement } from './blocks.ts';
import { withImports } from './caddy-imports.ts';

/** An address of a reverse proxy, and its upstream. */
export interface Passage {
  /** Host names of the address; without any, it answers to all names. */
  readonly hosts: readonly string[];
  readonly port: number;
  /** The beginning of the paths: `/litellm`; empty for all paths. */
  readonly path: string;
  readonly upstream: string;
  /** How answers are passed on; undefined where no answer of a model passes. */
  readonly pace: Pace | undefined;
}

/** How a reverse proxy passes answers on. */
export interface Pace {
  readonly server: ReverseProxy;
  /** When it ends an answer. */
  readonly limits: readonly PaceLimit[];
  /** Whether it keeps what comes until a buffer is full, or the answer at its end. */
  readonly holds: 'no' | 'unless-told' | 'always';
  readonly holdsSource: SourceLine;
}

export type ReverseProxy = 'nginx' | 'Caddy' | 'Cloudflare';

export interface PaceLimit {
  /** What it limits: a silence of the upstream, its silence before the first byte alone, or the time of the whole answer. */
  readonly of: 'silence' | 'begin' | 'whole';
  /** The setting: `proxy_read_timeout`; null where there is none. */
  readonly setting: string | null;
  readonly seconds: number;
  /** The line that says so, else that of the upstream. */
  readonly source: SourceLine;
  readonly isDefault: boolean;
}

/**
 * Reads `/etc/caddy/Caddyfile` with what it imports, the enabled sites of nginx, and the configuration of cloudflared. What `tailscale serve` was told is
 * where only root may read; it sets no limit and holds no events back (read: tailscale, `ipn/ipnlocal/serve.go`; Go, `httputil.ReverseProxy`).
 *
 * @param home of the user whose tunnel may be run
 * @param note is called with each line of which something is left out
 */
export function passagesOf(
  files: OwnFiles,
  home: string | undefined,
  note: (met: MetLimit) => void = () => {},
): readonly Passage[] {
  const caddyfile = files.read('/etc/caddy/Caddyfile');
  const nginx = nginxFolders.flatMap(({ folder, suffix }) =>
    (files.list(folder) ?? [])
      .filter(name => name.endsWith(suffix))
      .toSorted()
      .map(name => `${folder}/${name}`),
  );
  return [
    ...(caddyfile.state === 'read'
      ? caddyPassages(withImports(parseBlocks(caddyfile.text, '/etc/caddy/Caddyfile', 'lines'), files, note))
      : []),
    ...nginxPassages(
      ['/etc/nginx/nginx.conf', ...nginx].flatMap(file => {
        const content = files.read(file);
        return content.state === 'read' ? parseBlocks(content.text, file, 'semicolons') : [];
      }),
    ),
    ...tunnelPassages(files, home),
  ];
}

/** As the nginx.conf of the packages includes them: `conf.d/*.conf` and, on Debian, `sites-enabled/*`. */
const nginxFolders = [
  { folder: '/etc/nginx/conf.d', suffix: '.conf' },
  { folder: '/etc/nginx/sites-enabled', suffix: '' },
] as const;

function caddyPassages(statements: readonly Statement[]): readonly Passage[] {
  // A file with a single site may omit the braces: its address is then alone in the first line, after the global options.
  const options = statements[0]?.words.length === 0 ? statements[0].block : [];
  const rest = statements.slice(options.length === 0 ? 0 : 1);
  const [first] = rest;
  const isBare = first !== undefined && first.block.length === 0;
  const sites = isBare ? [{ words: first.words, block: rest.slice(1) }] : rest;
  return sites.flatMap(({ words, block }) => {
    const addresses = words
      .flatMap(word => word.split(','))
      .filter(Boolean)
      .map(caddyAddress);
    const upstreams = caddyUpstreams(block, '');
    return addresses.flatMap(({ hosts, port, path }) =>
      upstreams.map(({ prefix, upstream, proxy }) => ({
        hosts,
        port,
        path: path + prefix,
        upstream,
        pace: paceOfCaddy(proxy, options, port),
      })),
    );
  });
}

/**
 * Without these settings Caddy sets no limit, and passes events on at once (run: 2.6.2). `read_timeout` ends an answer as if it
 * were complete.
 */
function paceOfCaddy(proxy: Statement, options: readonly Statement[], port: number): Pace {
  const transports = proxy.block.filter(({ words }) => words[0] === 'transport');
  const servers = options.filter(
    ({ words: [name, listener] }) =>
      name === 'servers' && (listener === undefined || listener.endsWith(`:${port}`)),
  );
  const timeouts = servers.flatMap(({ block }) => block).filter(({ words }) => words[0] === 'timeouts');
  const limitsOf = (setting: string, limits: PaceLimit['of'], within: readonly Statement[]) =>
    within
      .flatMap(({ block }) => block)
      .filter(({ words }) => words[0] === setting)
      .map(({ words, source }) => ({
        of: limits,
        setting,
        seconds: secondsIn(words.slice(1)),
        source,
        isDefault: false,
      }));
  const buffer = proxy.block.find(({ words }) =>
    ['response_buffers', 'buffer_responses'].includes(words[0] ?? ''),
  );
  return {
    server: 'Caddy',
    limits: [
      ...limitsOf('read_timeout', 'silence', transports),
      ...limitsOf('response_header_timeout', 'begin', transports),
      ...limitsOf('write', 'whole', timeouts),
    ].filter(({ seconds }) => seconds > 0),
    holds: buffer === undefined ? 'no' : 'always',
    holdsSource: buffer?.source ?? proxy.source,
  };
}

function caddyAddress(address: string): Pick<Passage, 'hosts' | 'port' | 'path'> {
  const [, scheme, host = '', port, path = ''] =
    /^(?:(https?):\/\/)?([^:/]*)(?::(\d+))?(\/.*)?$/.exec(address) ?? [];
  const usual = scheme === 'http' ? 80 : 443;
  return { hosts: host === '' ? [] : [host], port: Number(port ?? usual), path: withoutEnd(path) };
}

function caddyUpstreams(
  block: readonly Statement[],
  prefix: string,
): readonly { readonly prefix: string; readonly upstream: string; readonly proxy: Statement }[] {
  return block.flatMap(proxy => {
    const {
      words: [directive = '', ...words],
      block: inner,
    } = proxy;
    const matcher = words[0]?.startsWith('/') === true ? withoutEnd(words[0]) : '';
    if (directive === 'reverse_proxy') {
      const inBlock = inner.filter(({ words: [name] }) => name === 'to').flatMap(each => each.words.slice(1));
      return [...words, ...inBlock]
        .filter(word => !/^[/@*]/.test(word))
        .map(upstream => ({ prefix: prefix + matcher, upstream: addressOf(upstream), proxy }));
    }
    return nesting.has(directive) ? caddyUpstreams(inner, prefix + matcher) : [];
  });
}

const nesting: ReadonlySet<string> = new Set(['handle', 'handle_path', 'route']);

function nginxPassages(statements: readonly Statement[]): readonly Passage[] {
  const all = statements.flatMap(each => (each.words[0] === 'http' ? each.block : [each]));
  const named = (name: string, among: readonly Statement[] = all) =>
    among.filter(({ words }) => words[0] === name);
  const groups = new Map(
    named('upstream').map(({ words, block }) => [
      words[1] ?? '',
      named('server', block).map(each => each.words[1]),
    ]),
  );
  return named('server').flatMap(({ block }) => {
    const setting = (name: string, inner: readonly Statement[]) =>
      [inner, block, all].map(level => named(name, level).at(-1)).find(each => each !== undefined);
    const hosts = named('server_name', block)
      .flatMap(({ words }) => words.slice(1))
      .filter(host => host !== '_');
    const ports = named('listen', block).map(({ words }) =>
      Number(/(?<!\d)(\d+)$/.exec(words[1] ?? '')?.[1] ?? 80),
    );
    return named('location', block).flatMap(({ words, block: inner }) => {
      const path = words.at(-1) ?? '';
      const [pass] = named('proxy_pass', inner);
      const to = pass?.words[1] ?? '';
      if (pass === undefined || to === '' || !path.startsWith('/')) return [];
      const { protocol, host, pathname } = parsed(to);
      const upstreams = groups.get(host)?.map(server => `${protocol}//${server}${pathname}`) ?? [to];
      return (ports.length === 0 ? [80] : ports).flatMap(port =>
        upstreams.map(upstream => ({
          hosts,
          port,
          path: withoutEnd(path),
          upstream: addressOf(upstream),
          // No answer of a model has a path of its own alone: `location = /health/liveliness`.
          pace: words[1] === '=' ? undefined : paceOfNginx(name => setting(name, inner), pass.source),
        })),
      );
    });
  });
}

/** @param setting the innermost statement of a name that counts */
function paceOfNginx(setting: (name: string) => Statement | undefined, upstream: SourceLine): Pace {
  const silence = setting('proxy_read_timeout');
  const buffering = setting('proxy_buffering');
  const ignored = setting('proxy_ignore_headers')?.words.slice(1) ?? [];
  const ignoresHeader = ignored.some(name => name.toLowerCase() === 'x-accel-buffering');
  return {
    server: 'nginx',
    limits: [
      {
        of: 'silence',
        setting: 'proxy_read_timeout',
        seconds: silence === undefined ? nginxSeconds : secondsIn(silence.words.slice(1)),
        source: silence?.source ?? upstream,
        isDefault: silence === undefined,
      },
    ],
    holds: buffering?.words[1] === 'off' ? 'no' : ignoresHeader ? 'always' : 'unless-told',
    holdsSource: buffering?.source ?? upstream,
  };
}

/** nginx's own limit. */
export const nginxSeconds = 60;

/** A time of nginx: `90`, `90s`, `1m`, `1h30m`. */
function secondsIn(words: readonly string[]): number {
  const parts = words.join('').matchAll(/(\d+)(ms|[smhdw]?)/g);
  return [...parts].reduce((sum, [, count, unit = '']) => sum + Number(count) * (unitSeconds[unit] ?? 1), 0);
}

const unitSeconds: Readonly<Record<string, number>> = {
  ms: 0.001,
  m: 60,
  h: 3_600,
  d: 86_400,
  w: 604_800,
};

/** The ingress rules of a tunnel that is managed here. The rules of one that is managed in Cloudflare's dashboard are in no file. */
function tunnelPassages(files: OwnFiles, home: string | undefined): readonly Passage[] {
  const folders = [
    ...(home === undefined ? [] : [`${home}/.cloudflared`]),
    '/etc/cloudflared',
    '/usr/local/etc/cloudflared',
  ];
  return folders
    .flatMap(folder => ['config.yml', 'config.yaml'].map(name => `${folder}/${name}`))
    .flatMap(file => {
      const content = files.read(file);
      const reading: YamlReading = { file, version: '1.2', problems: [] };
      const root = content.state === 'read' ? yamlMapping(content.text, reading) : undefined;
      return itemsOf(nodeAt(root, 'ingress')).flatMap((rule): readonly Passage[] => {
        const [host, upstream] = [textOf(nodeAt(rule, 'hostname')), textOf(nodeAt(rule, 'service'))];
        // The last rule, for all other names, usually answers 404. A path is a regular expression.
        const isPlain = nodeAt(rule, 'path') === undefined && /^https?:/.test(upstream ?? '');
        if (host === undefined || upstream === undefined || !isPlain) return [];
        const { source } = rule;
        const silence = {
          of: 'silence',
          setting: null,
          seconds: cloudflareSeconds,
          source,
          isDefault: true,
        } as const;
        const pace: Pace = { server: 'Cloudflare', limits: [silence], holds: 'no', holdsSource: source };
        return [{ hosts: [host], port: 443, path: '', upstream, pace }];
      });
    });
}

/** Proxy Read Timeout, which only an Enterprise plan can change; 100 s until 2025. */
export const cloudflareSeconds = 125;

function parsed(url: string): Pick<URL, 'protocol' | 'host' | 'pathname'> {
  return URL.canParse(url) ? new URL(url) : { protocol: 'http:', host: '', pathname: '' };
}

/** Adds what is missing in an upstream's address: `127.0.0.1:4000`, `:4000` and `localhost` are valid, too. */
function addressOf(upstream: string): string {
  if (/^\w+:\/\//.test(upstream)) return upstream;
  return `http://${upstream.startsWith(':') ? `127.0.0.1${upstream}` : upstream}`;
}

function withoutEnd(path: string): string {
  return path.replace(/\/?\*?$/, '');
}
