/** Plans the front of this machine: the configuration of HAProxy, its keys, and its units. */
import path from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { hooksDropIn, isAnything, watchedUnits } from '../../check/hooked-services.ts';
import { readState } from '../../transaction/file-operation.ts';
import type { Changes, Step } from '../../transaction/changes.ts';
import type { Node } from '../../routes/node.ts';
import type { LinkFault } from '../live/link-fault.ts';
import type { Picture } from '../../routes/picture.ts';
import type { FileState } from '../../systemd/host/overlay-files.ts';
import type { Host } from '../../systemd/host/host.ts';
import { isFront } from '../../services/front.ts';
import { frontConfigFile, isAsWritten, signed } from '../../services/front-config.ts';
import { frontMovesService, frontMovesSocket, frontService, frontSocket } from '../../systemd/own-units.ts';
import { ownUnitFolder } from '../../systemd/search-path.ts';
import { authorityBundles, haproxyConfig } from './haproxy-config.ts';
import { keysConfig } from './keys-config.ts';
import { type FrontNow, isChangedSince } from './statistics.ts';
import {
  frontPort,
  isAddress,
  isInDns,
  localLitellm,
  localPlace,
  type NoLocalLitellm,
  usualPort,
} from './place.ts';
import { frontUnits, type FrontUnits, type MovesCommand } from './units.ts';

export interface FrontOptions {
  /** The path of HAProxy. */
  readonly haproxy: string;
  /** Keys with which the gateways of this machine ask its proxies, by the names of these. */
  readonly askedWith: readonly { readonly proxy: string | undefined; readonly key: string }[];
  /** Reads the key that a reference of the list of nodes names. */
  readonly keyOf: (reference: string) => string | undefined;
  /** The manager listens at the socket of a front. */
  readonly isSocketOn: boolean;
  /** What a running front says of itself; undefined without one. */
  readonly now?: FrontNow | undefined;
  /** Files with certificate authorities that gateways trust beside those of the machine. */
  readonly authorities: readonly string[];
  /** Undefined where nobody is told who answers. */
  readonly movesCommand: MovesCommand | undefined;
  readonly texts: FrontUnits['texts'];
}

export interface FrontPlan extends Changes {
  readonly madeFrom: ReadonlyMap<string, FileState>;
  /** The front itself, where its unit changes. */
  readonly restarts: readonly string[];
  /** The address that clients ask, without `/v1`. */
  readonly url: string;
  /** The name of the LiteLLM behind it, as a proxy. */
  readonly local: string;
  readonly notes: readonly FrontNote[];
  readonly configuration: FrontConfiguration;
  /** Keys in the files, which must not be shown. */
  readonly secrets: readonly string[];
}

/** What HAProxy reads, as it is to be. */
export interface FrontConfiguration {
  /** The folder of all of it. */
  readonly folder: string;
  /** The one with the keys. */
  readonly keys: string;
  /** In the order in which they are read. */
  readonly files: readonly { readonly file: string; readonly text: string }[];
}

export type FrontNote =
  /** A person has edited the configuration, and it stays as it is. */
  | { readonly code: 'edited'; readonly file: string }
  /** Of a front that is there a file of its configuration is not: it is written anew, and an undo takes it away again. */
  | { readonly code: 'missing'; readonly file: string }
  /** Other services have hooks. */
  | { readonly code: 'no-hooks'; readonly unit: string }
  /** The node is an address: HAProxy cannot compare it with the names of a certificate. */
  | { readonly code: 'address'; readonly node: string }
  /** Another program has the usual port. */
  | { readonly code: 'other-port'; readonly usual: number; readonly port: number }
  /** The local LiteLLM asks an upstream that fails three times, for some five seconds, before the front hears of it. */
  | { readonly code: 'retries'; readonly file: string }
  /** Its LiteLLM does not list a model that agents ask for: it stands in for others alone. */
  | { readonly code: 'model-missing'; readonly node: string; readonly model: string }
  /** As things are it would answer nobody. */
  | { readonly code: 'no-stand-in'; readonly node: string; readonly fault: LinkFault };

/** Why there is no front. */
export type NoFront =
  | NoLocalLitellm
  | { readonly code: 'no-port' }
  | { readonly code: 'no-unit-folder' }
  /** The key of a node cannot be read. */
  | { readonly code: 'front-key'; readonly node: string; readonly reference: string }
  | { readonly code: 'no-authorities' };

interface Refused {
  readonly refused: NoFront;
}

/** @throws the errno error of a file that cannot be read; UnwritableValue for a key that is no single line */
export function planFront(
  picture: Picture & { readonly node: Node },
  host: Host,
  options: FrontOptions,
): FrontPlan | Refused {
  const local = localLitellm(picture);
  if ('refused' in local) return local;
  const folders = foldersOf(host);
  if (folders === undefined) return { refused: { code: 'no-unit-folder' } };
  const files = new WantedFiles(host);
  const held = options.isSocketOn ? portOfSocket(files.textOf(`${folders.units}/${frontSocket}`)) : undefined;
  const port = frontPort(picture, host, held);
  if (port === undefined) return { refused: { code: 'no-port' } };
  const fronts = picture.proxies.filter(isFront).map(({ name }) => name);
  const keys = keysOf(picture, [local.name, ...fronts], options);
  if ('refused' in keys) return keys;
  const machineBundle = authorityBundles.find(file => host.files.status(file) !== undefined);
  if (machineBundle === undefined) return { refused: { code: 'no-authorities' } };
  const config = haproxyConfig({
    machine: picture.node.name,
    local: localPlace(local, picture),
    others: keys.others.map(({ node, keyVariable }) => ({
      name: node.name,
      url: node.url,
      keyVariable,
      isInDns: isInDns(node, host),
    })),
    ownKeys: keys.own,
    authorities: options.authorities.length === 0 ? machineBundle : undefined,
    tellsMoves: options.movesCommand !== undefined,
  });
  const { head } = options.texts;
  const keysFile = `${folders.own}/keys.cfg`;
  const present = files.textOf(folders.config);
  const isEdited = present !== undefined && !isAsWritten(present);
  const configuration = [
    { file: keysFile, text: `# ${head}\n${keysConfig(keys.values)}` },
    { file: folders.config, text: isEdited ? present : signed(config, head) },
  ];
  const missing = fronts.length === 0 ? [] : configuration.filter(({ file }) => !isAnything(file, host));
  for (const { file, text } of configuration) files.put(file, text, 0o600);
  const { now } = options;
  const isStale = now !== undefined && configuration.some(({ file }) => isChangedSince(file, now, host));
  const isReread = isStale || files.files.size > 0;
  const read = configuration.map(({ file }) => file);
  const units = frontUnits({
    haproxy: options.haproxy,
    port,
    files: read,
    authorities: [machineBundle, ...options.authorities],
    moves:
      options.movesCommand === undefined
        ? undefined
        : { command: options.movesCommand, local: local.name, others: keys.others.map(({ node }) => node) },
    texts: options.texts,
  });
  for (const [name, text] of units) files.put(`${folders.units}/${name}`, text, 0o644);
  const changed = [...units.keys()].filter(name => files.files.has(`${folders.units}/${name}`));
  const isForMoves = (name: string) => name === frontMovesSocket || name === frontMovesService;
  for (const [target, unit] of enabling) {
    if (!units.has(unit)) continue;
    files.link(`${folders.units}/${target}.wants/${unit}`, `${folders.units}/${unit}`);
  }
  return {
    files: files.files,
    madeFrom: files.madeFrom,
    ...stepsFor({
      isAny: isStale || files.files.size > 0,
      isUnitChanged: changed.some(name => !isForMoves(name)),
      moves: changed.filter(isForMoves),
      isReread,
      isThere: fronts.length > 0,
    }),
    url: `http://127.0.0.1:${port}`,
    local: local.name,
    notes: [
      ...(isEdited ? [{ code: 'edited', file: folders.config } as const] : []),
      ...missing.map(({ file }) => ({ code: 'missing', file }) as const),
      ...(fronts.length === 0 && isHookMissing(folders.units, host)
        ? [{ code: 'no-hooks', unit: frontService } as const]
        : []),
      ...(port === usualPort || fronts.length > 0
        ? []
        : [{ code: 'other-port', usual: usualPort, port } as const]),
      ...keys.others
        .filter(({ node }) => isAddress(node))
        .map(({ node }) => ({ code: 'address', node: node.name }) as const),
      ...(local.file === undefined || local.isWithoutRetries
        ? []
        : [{ code: 'retries', file: local.file } as const]),
    ],
    configuration: { folder: folders.own, keys: keysFile, files: configuration },
    secrets: [...keys.values.values()],
  };
}

/** Whether other services have hooks, and what is to be there then has none yet. */
function isHookMissing(units: string, host: Host): boolean {
  return watchedUnits(host).length > 0 && !isAnything(hooksDropIn(units, frontService), host);
}

/** The port of a socket as `units.ts` writes it. */
function portOfSocket(text: string | undefined): number | undefined {
  const port = /^ListenStream=127\.0\.0\.1:(\d{1,5})$/m.exec(text ?? '')?.[1];
  return port === undefined ? undefined : Number(port);
}

/** Which files that HAProxy reads would be others now. Comments are in the language of whoever wrote them. */
export function outdatedFiles({ configuration }: FrontPlan, { files }: Host): readonly string[] {
  const withoutComments = (text: string) => text.replaceAll(/^#.*\n/gm, '');
  return configuration.files
    .filter(
      ({ file, text }) =>
        files.status(file) !== undefined &&
        withoutComments(files.read(file).toString('utf8')) !== withoutComments(text),
    )
    .map(({ file }) => file);
}

const enabling = [
  ['sockets.target', frontSocket],
  ['sockets.target', frontMovesSocket],
  ['default.target', frontService],
] as const;

/**
 * A start waits until HAProxy has taken its configuration. One that runs reads a changed one again without losing a request; for a
 * changed unit it is restarted, and new requests wait in the socket.
 */
function stepsFor({
  isAny,
  isUnitChanged,
  moves,
  isReread,
  isThere,
}: Readonly<Record<'isAny' | 'isUnitChanged' | 'isReread' | 'isThere', boolean>> & {
  /** The units for what becomes of the places that change. */
  readonly moves: readonly string[];
}): Pick<FrontPlan, 'steps' | 'restarts'> {
  if (!isAny) return { steps: [], restarts: [] };
  const reload: readonly Step[] = isUnitChanged || moves.length > 0 ? [{ kind: 'daemon-reload' }] : [];
  const own: readonly Step[] = moves.includes(frontMovesSocket)
    ? [{ kind: 'start', unit: frontMovesSocket }]
    : [];
  if (!isThere) {
    const start = [frontSocket, frontService].map((unit): Step => ({ kind: 'start', unit }));
    return { steps: [...reload, ...own, ...start], restarts: [] };
  }
  return isUnitChanged
    ? { steps: [...reload, ...own], restarts: [frontService] }
    : {
        steps: [...reload, ...own, ...(isReread ? [{ kind: 'reload', unit: frontService } as const] : [])],
        restarts: [],
      };
}

interface Folders {
  readonly units: string;
  /** For the configuration of HAProxy. */
  readonly own: string;
  /** The part of it without keys. */
  readonly config: string;
}

function foldersOf({ scope, environment }: Host): Folders | undefined {
  const units = ownUnitFolder(scope, environment);
  const config = frontConfigFile(environment);
  return units === undefined || config === undefined
    ? undefined
    : { units, config, own: path.posix.dirname(config) };
}

interface Keys {
  readonly others: readonly { readonly node: Node; readonly keyVariable: string | undefined }[];
  /** Variables with the keys of this machine. */
  readonly own: readonly string[];
  /** The keys, by variable. */
  readonly values: ReadonlyMap<string, string>;
}

/** @param asked the local LiteLLM and its front, by their names as proxies */
function keysOf(
  { nodes, node: ownNode }: Picture,
  asked: readonly string[],
  { keyOf, askedWith }: FrontOptions,
): Keys | Refused {
  const values = new Map<string, string>();
  const others: { readonly node: Node; readonly keyVariable: string | undefined }[] = [];
  for (const node of nodes) {
    const key = node.key === undefined ? undefined : keyOf(node.key);
    if (node.key !== undefined && key === undefined)
      return { refused: { code: 'front-key', node: node.name, reference: node.key } };
    if (node === ownNode) continue;
    const keyVariable = key === undefined ? undefined : `DARUMA_FRONT_${others.length + 1}_API_KEY`;
    if (keyVariable !== undefined && key !== undefined) values.set(keyVariable, key);
    others.push({ node, keyVariable });
  }
  const ownKey = ownNode?.key === undefined ? undefined : keyOf(ownNode.key);
  // Where this machine's LiteLLM needs no key, anybody here may ask it, and so the front.
  const ofGateways = askedWith.flatMap(({ proxy, key }) => (asked.includes(proxy ?? '') ? key : []));
  const own = ownKey === undefined ? [] : [...new Set([ownKey, ...ofGateways])];
  for (const [index, key] of own.entries()) values.set(ownVariable(index), key);
  return { others, own: own.map((_, index) => ownVariable(index)), values };
}

/** By such a name it is known for a secret wherever it stands. */
function ownVariable(index: number): string {
  return `DARUMA_FRONT_OWN_${index + 1}_API_KEY`;
}

/** Collects the files that are not yet as they are to be. */
class WantedFiles {
  readonly files = new Map<string, FileState>();
  readonly madeFrom = new Map<string, FileState>();
  readonly #host: Host;

  constructor(host: Host) {
    this.#host = host;
  }

  textOf(file: string): string | undefined {
    const { files } = this.#host;
    return files.status(file) === undefined ? undefined : files.read(file).toString('utf8');
  }

  put(file: string, text: string, mode: number): void {
    this.#want(file, { kind: 'file', content: Buffer.from(text), mode });
  }

  link(file: string, target: string): void {
    this.#want(file, { kind: 'link', target });
  }

  #want(file: string, state: FileState): void {
    const before = readState(this.#host.files.physicalPath(file), this.#host.tree);
    if (isDeepStrictEqual(before, state)) return;
    this.files.set(file, state);
    this.madeFrom.set(file, before);
  }
}
