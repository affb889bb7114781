/**
 * The configuration of HAProxy as a front: it answers on a port of this machine through the local LiteLLM, and through that of another
 * machine when the local one does not answer, within the same request.
 *
 * There are two tiers. The fast check of the first moves new requests; the slow check of the second cuts requests that hang, so that
 * the first asks elsewhere. With a fast check alone the stream of a LiteLLM that stalls for two seconds is cut (ran, HAProxy 2.6.12).
 *
 * Sources: the configuration manual of HAProxy 2.6 and 3.0: 2.2 (quoting), 2.4 (conditional blocks), 4 (proxies), 5.2 (servers),
 * 5.3 (resolvers), 7.3.6 (requests); run: 2.6.12.
 */
import { passedHeader } from '../../services/front-config.ts';
import { choosingBackend, localServer } from '../../services/front-log.ts';
import type { HttpProbe } from '../../services/known-service.ts';
import { frontAlive } from '../../services/front.ts';
import { litellmLiveliness } from '../../services/litellm.ts';

export interface Front {
  /** The name of this machine among the nodes. */
  readonly machine: string;
  readonly local: LocalPlace;
  /** The other machines, in the order in which they stand in. */
  readonly others: readonly OtherPlace[];
  /**
   * Variables with the keys that the local LiteLLM takes: with none of them nobody uses the keys of other machines. Empty when the
   * local LiteLLM asks for no key.
   */
  readonly ownKeys: readonly string[];
  /** The file with the certificate authorities to trust; undefined where `authoritiesVariable` names it. */
  readonly authorities: string | undefined;
  /** Whether HAProxy is to say who answers, to `movesSocket`. */
  readonly tellsMoves: boolean;
}

/** An address of this machine, without brackets, and a port. */
interface LocalAddress {
  readonly address: string;
  readonly port: number;
}

export interface LocalPlace extends LocalAddress {
  /** The service of this machine without which the local LiteLLM has no answers; undefined when there is none that can be asked. */
  readonly upstream: (LocalAddress & { readonly probe: HttpProbe }) | undefined;
}

export interface OtherPlace {
  /** Its name among the nodes. */
  readonly name: string;
  /** The URL of its LiteLLM, without `/v1` and without a slash at the end. */
  readonly url: string;
  /** The variable with its key; undefined when it needs none. */
  readonly keyVariable: string | undefined;
  /** Whether a name server knows its name. Others are looked up by the machine when the front starts. */
  readonly isInDns: boolean;
}

/** The header by which a front says which machine has answered. */
export const machineHeader = 'x-daruma-machine';

/** The variable that says that the machine has a file with name servers: without it HAProxy refuses `parse-resolv-conf`. */
export const namesVariable = 'DARUMA_FRONT_NAMES';

/**
 * The variable with a file of all authorities to trust, where there are several files: HAProxy takes one, and of each file of a folder only
 * the first certificate (run: 2.6.12, 3.0.11).
 */
export const authoritiesVariable = 'DARUMA_FRONT_AUTHORITIES';

/** Where distributions put the authorities of a machine: Debian, Arch and Alpine; Fedora; openSUSE. */
export const authorityBundles = [
  '/etc/ssl/certs/ca-certificates.crt',
  '/etc/pki/tls/certs/ca-bundle.crt',
  '/etc/ssl/ca-bundle.pem',
] as const;

/** The variable with what the front listens on: the first socket that the manager hands over (sd_listen_fds(3)). */
export const socketVariable = 'DARUMA_FRONT_SOCKET';

/** The socket of the statistics, in the folder of `RuntimeDirectory=`. */
export const statisticsSocket = 'stats.sock';

/** The socket for what becomes of the places, beside the folder of `RuntimeDirectory=`: that one goes when HAProxy is restarted. */
export const movesSocket = 'daruma-front-moves';

/** The name under which a machine is in the configuration. */
export function sectionOf({ name }: Pick<OtherPlace, 'name'>, index: number): string {
  return /^[\w.-]{1,32}$/.test(name) ? `node-${name}` : `other-${index + 1}`;
}

/** Writes the configuration. It contains no keys. */
export function haproxyConfig(front: Front): string {
  const { others } = front;
  const sections = [
    globalSection,
    defaultsSection,
    ...(others.some(({ isInDns }) => isInDns) ? [resolversSection] : []),
    frontendSection(front),
    choosingSection(front),
    localSection(front),
    ...others.flatMap((other, index) => [
      otherSection(other, index, front),
      watchSection(other, index, front),
    ]),
  ];
  const texts = sections.map(([head, ...lines]) => [head, ...lines.map(line => `  ${line}`)].join('\n'));
  return `${texts.join('\n\n')}\n`;
}

/** How long a LiteLLM may think before the next piece of its answer. */
const longestAnswer = '10m';
/** A request must fit into a buffer to be sent again, and an answer to be held until it is whole. */
const bufferBytes = 2 ** 20;

type Section = readonly [head: string, ...lines: string[]];

/** What becomes of the servers HAProxy writes to its standard error anyway. */
const globalSection: Section = [
  'global',
  `tune.bufsize ${bufferBytes}`,
  'maxconn 512',
  `stats socket ${socketAt(statisticsSocket)} mode 600 level operator`,
];

/**
 * `timeout connect` is also the pause before a retry on the same server. With 408 LiteLLM says that its upstream was silent for longer than its
 * `request_timeout` (run: 1.108.7).
 */
const defaultsSection: Section = [
  'defaults',
  'mode http',
  'timeout connect 100ms',
  'timeout queue 5s',
  'timeout client 10m',
  `timeout server ${longestAnswer}`,
  'timeout check 1s',
  'retries 1',
  'option redispatch 1',
  'retry-on conn-failure empty-response 408 500 502 503 504',
  // Where nobody is left to be asked again HAProxy says so itself, in HTML.
  `http-error ${refusal(503, 'Neither the LiteLLM of this machine nor that of another one gives a good answer.')}`,
];

/** An address stays in use while name servers are silent. */
const resolversSection: Section = [
  'resolvers names',
  `.if defined(${namesVariable})`,
  'parse-resolv-conf',
  '.endif',
  'timeout resolve 2s',
  'timeout retry 1s',
  'hold valid 10s',
  ...['other', 'refused', 'timeout'].map(status => `hold ${status} 24d`),
  'hold nx 1h',
];

function frontendSection({ machine }: Front): Section {
  return [
    'frontend front',
    `bind "\${${socketVariable}}"`,
    `monitor-uri ${frontAlive.path}`,
    `http-request return ${refusal(508, 'This request has been through a front already: a LiteLLM leads to a front.')} if { req.hdr(${passedHeader}) -m found }`,
    `http-request set-header ${passedHeader} ${formatted(machine)}`,
    `default_backend ${choosingBackend}`,
  ];
}

/** `weight 0` keeps every retry off the local server: the next is another machine, in the same request. */
function choosingSection({ local, others, tellsMoves }: Front): Section {
  return [
    `backend ${choosingBackend}`,
    ...(tellsMoves ? [movesLog] : []),
    'balance first',
    `retries ${Math.max(1, others.length)}`,
    'option httpchk',
    ...(local.upstream === undefined ? [] : checkOf(local.upstream.probe, local.upstream)),
    ...checkOf(litellmLiveliness, local),
    `use-server ${localServer} if TRUE`,
    `server ${localServer} ${socketAt(socketOf(localServer))} weight 0 check addr ${atHost(local.address)} port ${local.port} inter 500ms fastinter 250ms downinter 500ms fall 2 rise 2`,
    ...others.map((other, index) => {
      const name = sectionOf(other, index);
      return `server ${name} ${socketAt(socketOf(name))} weight 1 track ${watchOf(name)}/${name}`;
    }),
    // Where checks call all of them down they are asked all the same: a machine at work may be late for its checks.
    ...others.map((other, index) => {
      const name = sectionOf(other, index);
      return `server ${lastOf(name)} ${socketAt(socketOf(name))} backup`;
    }),
  ];
}

/**
 * What has no header yet can be asked again, and a server writes the header before the body. So an answer is passed on when it is whole,
 * and a stream with its first piece: one that is cut before counts as none. What is longer than half of a buffer is passed on as it comes.
 * Source: the configuration manual, 4.2 (`http-response wait-for-body`) and 7.3.6 (`res.body_len`, `res.body_size`).
 */
const wholeAnswers: Section = [
  'http-request set-var(txn.method) method',
  'acl is-json res.hdr(content-type) -m beg application/json',
  `http-response wait-for-body time ${longestAnswer} if is-json`,
  `http-response wait-for-body time ${longestAnswer} at-least 1 if !is-json`,
  'http-response set-var(txn.there) res.body_len',
  ...[
    `is-json { res.body_size,sub(txn.there) gt 0 } { res.body_size lt ${bufferBytes / 2} } !{ var(txn.method) -m str HEAD }`,
    '{ res.hdr(transfer-encoding) -m found } { res.body_len eq 0 }',
  ].map(isCut => `http-response return ${refusal(502, 'The answer broke off.')} if ${isCut}`),
];

/** Of a backend alone HAProxy logs what becomes of its servers, and no requests. Without the socket it says so once, and goes on (ran). */
const movesLog = `log "\${RUNTIME_DIRECTORY}/../${movesSocket}" len 1024 format iso daemon notice`;

/** Five checks without an answer are some 15 s: a LiteLLM that stalls for a few seconds keeps its requests. */
function localSection({ local, machine }: Front): Section {
  return [
    `listen ${localServer}`,
    `bind ${socketAt(socketOf(localServer))} mode 600`,
    'retries 0',
    ...wholeAnswers,
    saysWho(machine),
    'option httpchk',
    ...checkOf(litellmLiveliness, local),
    `server ${localServer} ${atHost(local.address)}:${local.port} check inter 2s fastinter 2s downinter 500ms fall 5 rise 1 on-marked-down shutdown-sessions`,
  ];
}

/** The other machine as it is asked: with its own key, path and certificate. */
function otherSection(other: OtherPlace, index: number, front: Front): Section {
  const name = sectionOf(other, index);
  const { host, prefix } = addressOf(other);
  return [
    `listen ${name}`,
    `bind ${socketAt(socketOf(name))} mode 600`,
    'timeout connect 3s',
    'retries 0',
    ...wholeAnswers,
    saysWho(other.name),
    ...ownKeyLines(front.ownKeys),
    ...(other.keyVariable === undefined
      ? []
      : [
          ...refusedKeyLines(other),
          'http-request del-header x-api-key',
          `http-request set-header authorization "Bearer %[env(${other.keyVariable})]"`,
        ]),
    `http-request set-header host ${formatted(host)}`,
    ...(prefix === '' ? [] : [`http-request set-path ${formatted(prefix)}%[path]`]),
    serverOf(other, index, front),
  ];
}

/**
 * That a key of the front's is refused is no answer to a client, whose own key is good: the next machine is asked. A LiteLLM without a
 * database refuses a wrong key by 400 (run: litellm 1.108.7).
 */
function refusedKeyLines({ name }: OtherPlace): readonly string[] {
  const answer = refusal(502, `${name} does not accept the key of the front.`);
  return ['{ status 401 403 }', '{ status 400 } { res.body -m sub no_db_connection }'].map(
    isRefused => `http-response return ${answer} if ${isRefused}`,
  );
}

function saysWho(machine: string): string {
  return `http-response set-header ${machineHeader} ${formatted(machine)}`;
}

/** The other machine as it is watched: that it lives, and takes the key. */
function watchSection(other: OtherPlace, index: number, front: Front): Section {
  const { hostname, host, prefix } = addressOf(other);
  return [
    `backend ${watchOf(sectionOf(other, index))}`,
    'timeout connect 3s',
    'timeout check 3s',
    'option httpchk',
    'http-check connect default',
    `http-check send meth GET uri ${word(prefix + litellmLiveliness.path)} ver HTTP/1.1 hdr host ${formatted(host)}`,
    ...expectations(litellmLiveliness),
    ...(other.keyVariable === undefined
      ? []
      : [
          'http-check connect default',
          `http-check send meth GET uri ${word(`${prefix}/v1/models`)} ver HTTP/1.1 hdr host ${formatted(host)} hdr authorization "Bearer %[env(${other.keyVariable})]"`,
          // A LiteLLM without a database refuses a wrong key by 400. Whatever else this is answered with is no word on the key.
          'http-check expect ! status 400,401,403',
        ]),
    `${serverOf(other, index, front)} check check-sni ${word(hostname)} inter 5s fastinter 1s downinter 2s fall 2 rise 1`,
  ];
}

function serverOf(other: OtherPlace, index: number, { authorities }: Front): string {
  const { hostname, port } = addressOf(other);
  const resolved = other.isInDns ? 'resolvers names init-addr last,libc,none' : 'init-addr last,libc,none';
  return `server ${sectionOf(other, index)} ${hostname}:${port} ssl verify required ca-file ${authorities === undefined ? `"\${${authoritiesVariable}}"` : word(authorities)} verifyhost ${word(hostname)} sni ${word(`str(${hostname})`)} ${resolved}`;
}

function addressOf({ url }: OtherPlace) {
  const { hostname, port, pathname } = new URL(url);
  return {
    hostname,
    port: port === '' ? 443 : Number(port),
    /** As the header has it. */
    host: port === '' ? hostname : `${hostname}:${port}`,
    prefix: pathname.replace(/\/$/, ''),
  };
}

/** The name of the section that watches another machine. */
export function watchOf(section: string): string {
  return `watch-${section}`;
}

/** The name of the server that is asked when nobody else is left. */
export function lastOf(section: string): string {
  return `last-${section}`;
}

/** Who has no key of the local LiteLLM gets no answer with the key of another machine. */
function ownKeyLines(ownKeys: readonly string[]): readonly string[] {
  if (ownKeys.length === 0) return [];
  const acls = ownKeys.flatMap(variable => [
    `acl own-key req.hdr(authorization) -m str -- "Bearer \${${variable}}"`,
    `acl own-key req.hdr(x-api-key) -m str -- "\${${variable}}"`,
  ]);
  return [
    ...acls,
    `http-request return ${refusal(401, 'The key is none of the local LiteLLM.')} if !own-key !{ path ${litellmLiveliness.path} }`,
  ];
}

function checkOf({ path, ...probe }: HttpProbe, { address, port }: LocalAddress): readonly string[] {
  return [
    `http-check connect addr ${atHost(address)} port ${port}`,
    `http-check send meth GET uri ${word(path)} ver HTTP/1.1 hdr host localhost`,
    ...expectations(probe),
  ];
}

function expectations({ statuses, bodyIncludes }: Omit<HttpProbe, 'path'>): readonly string[] {
  return [
    `http-check expect status ${statuses.join(',')}`,
    ...(bodyIncludes === undefined ? [] : [`http-check expect string ${word(bodyIncludes)}`]),
  ];
}

function socketOf(section: string): string {
  return `${section}.sock`;
}

/** A socket in the folder of `RuntimeDirectory=`, which only the user may enter. */
function socketAt(name: string): string {
  return `"unix@\${RUNTIME_DIRECTORY}/${name}"`;
}

/** An answer as the API of OpenAI has it for a fault. */
function refusal(status: number, message: string): string {
  const body = JSON.stringify({ error: { message, type: 'daruma_front', code: String(status) } });
  return `status ${status} content-type application/json string ${word(body)}`;
}

/** An IPv6 address in brackets. */
function atHost(host: string): string {
  return host.includes(':') && !host.startsWith('[') ? `[${host}]` : host;
}

/** A word that HAProxy takes as it is. */
function word(text: string): string {
  return /^[\w./:@()-]+$/.test(text) ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`;
}

/** A word in which HAProxy looks for `%`. */
function formatted(text: string): string {
  return word(text.replaceAll('%', '%%'));
}
