/**
 * The addresses that a machine's reverse proxies answer, and the upstreams that they ask: the simple forms of a
 * Caddyfile and of nginx's sites.
 *
 * Sources: caddyserver.com/docs/caddyfile (`reverse_proxy`, `handle_path`, addresses); nginx.org (`listen`,
 * `server_name`, `location`, `proxy_pass`, `upstream`, `proxy_read_timeout`, `proxy_buffering`); run: nginx 1.22.1.
 */
import type { OwnFiles } from '../services/own-files.ts';
import type { SourceLine } from '../systemd/service-settings.ts';

/** An address of a reverse proxy, and its upstream. */
export interface Passage {
  /** Host names of the address; without any, it answers to all names. */
  readonly hosts: readonly string[];
  readonly port: number;
  /** The beginning of the paths: `/litellm`; empty for all paths. */
  readonly path: string;
  readonly upstream: string;
  /** How answers are passed on; undefined for Caddy, which sets no limit and passes events on at once. */
  readonly pace: Pace | undefined;
}

/** How nginx passes answers on. */
export interface Pace {
  /** How long the upstream may be silent before nginx ends the answer. */
  readonly silenceSeconds: number;
  /** The line that says so, else that of the upstream. */
  readonly silenceSource: SourceLine;
  readonly isDefault: boolean;
  /** Whether it keeps what comes until a buffer is full, or the answer at its end. */
  readonly holds: 'no' | 'unless-told' | 'always';
  readonly holdsSource: SourceLine;
}

/** Reads `/etc/caddy/Caddyfile` and the enabled sites of nginx. */
export function passagesOf(files: OwnFiles): readonly Passage[] {
  const caddyfile = files.read('/etc/caddy/Caddyfile');
  const nginx = nginxFolders.flatMap(({ folder, suffix }) =>
    (files.list(folder) ?? [])
      .filter(name => name.endsWith(suffix))
      .toSorted()
      .map(name => `${folder}/${name}`),
  );
  return [
    ...(caddyfile.state === 'read'
      ? caddyPassages(parseBlocks(caddyfile.text, '/etc/caddy/Caddyfile', 'lines'))
      : []),
    ...nginxPassages(
      ['/etc/nginx/nginx.conf', ...nginx].flatMap(file => {
        const content = files.read(file);
        return content.state === 'read' ? parseBlocks(content.text, file, 'semicolons') : [];
      }),
    ),
  ];
}

/** As the nginx.conf of the packages includes them: `conf.d/*.conf` and, on Debian, `sites-enabled/*`. */
const nginxFolders = [
  { folder: '/etc/nginx/conf.d', suffix: '.conf' },
  { folder: '/etc/nginx/sites-enabled', suffix: '' },
] as const;

/** A statement and the statements in its block, if it has one. */
interface Statement {
  readonly words: readonly string[];
  readonly block: readonly Statement[];
  /** Where it begins. */
  readonly source: SourceLine;
}

/** Both formats consist of words and blocks: a statement ends with its line, or with a semicolon. */
function parseBlocks(text: string, file: string, end: 'lines' | 'semicolons'): readonly Statement[] {
  const tokens = text.matchAll(/#[^\n]*|"(?:\\.|[^"\\])*"|\n|[{};](?=\s|$)|(?:[^\s;"]|;(?!\s|$))+/g);
  const stack: Statement[][] = [[]];
  let words: string[] = [];
  let line = 1;
  let source: SourceLine = { file, line };
  const finish = (block: readonly Statement[]) => {
    if (words.length > 0 || block.length > 0) stack.at(-1)?.push({ words, block, source });
    words = [];
  };
  for (const [token] of tokens) {
    if (token.startsWith('#')) continue;
    if (words.length === 0) source = { file, line };
    line += token.split('\n').length - 1;
    if (token === '{') {
      const block: Statement[] = [];
      if (stack.length <= deepestBlock) stack.at(-1)?.push({ words, block, source });
      words = [];
      stack.push(block);
    } else if (token === '}') {
      finish([]);
      if (stack.length > 1) stack.pop();
    } else if (token === (end === 'lines' ? '\n' : ';')) {
      // The addresses of a site may continue on the next line.
      if (end === 'semicolons' || !(words.at(-1) ?? '').endsWith(',')) finish([]);
    } else if (token !== '\n') words.push(token.replaceAll(/^"|"$/g, ''));
  }
  finish([]);
  return stack[0] ?? [];
}

/**
 * Limit of levels, since functions that walk through blocks call themselves for each. Nobody nests blocks deeper;
 * deeper ones are left out.
 */
const deepestBlock = 100;

function caddyPassages(statements: readonly Statement[]): readonly Passage[] {
  // A file with a single site may omit the braces: its address is then alone in the first line.
  const [first] = statements;
  const isBare = first !== undefined && first.block.length === 0;
  const sites = isBare ? [{ words: first.words, block: statements.slice(1) }] : statements;
  return sites.flatMap(({ words, block }) => {
    const addresses = words
      .flatMap(word => word.split(','))
      .filter(Boolean)
      .map(caddyAddress);
    const upstreams = caddyUpstreams(block, '');
    return addresses.flatMap(({ hosts, port, path }) =>
      upstreams.map(({ prefix, upstream }) => ({
        hosts,
        port,
        path: path + prefix,
        upstream,
        pace: undefined,
      })),
    );
  });
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
): readonly { readonly prefix: string; readonly upstream: string }[] {
  return block.flatMap(({ words: [directive = '', ...words], block: inner }) => {
    const matcher = words[0]?.startsWith('/') === true ? withoutEnd(words[0]) : '';
    if (directive === 'reverse_proxy') {
      const inBlock = inner.filter(({ words: [name] }) => name === 'to').flatMap(each => each.words.slice(1));
      return [...words, ...inBlock]
        .filter(word => !/^[/@*]/.test(word))
        .map(upstream => ({ prefix: prefix + matcher, upstream: addressOf(upstream) }));
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
          pace: words[1] === '=' ? undefined : paceOf(name => setting(name, inner), pass.source),
        })),
      );
    });
  });
}

/** @param setting the innermost statement of a name that counts */
function paceOf(setting: (name: string) => Statement | undefined, upstream: SourceLine): Pace {
  const silence = setting('proxy_read_timeout');
  const buffering = setting('proxy_buffering');
  const ignored = setting('proxy_ignore_headers')?.words.slice(1) ?? [];
  const ignoresHeader = ignored.some(name => name.toLowerCase() === 'x-accel-buffering');
  return {
    silenceSeconds: silence === undefined ? usualSilenceSeconds : secondsIn(silence.words.slice(1)),
    silenceSource: silence?.source ?? upstream,
    isDefault: silence === undefined,
    holds: buffering?.words[1] === 'off' ? 'no' : ignoresHeader ? 'always' : 'unless-told',
    holdsSource: buffering?.source ?? upstream,
  };
}

const usualSilenceSeconds = 60;

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
