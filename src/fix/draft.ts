/** A plan under construction: the changes collected so far, and the host as it would be with them. */
import type { Finding } from '../check/finding.ts';
import { lastHooksDropIn, usualDropInName } from '../check/own-drop-ins.ts';
import { type CheckPolicy, defaultUnitPolicy } from '../check/policy.ts';
import type { Change } from '../check/rule.ts';
import { withProbes } from '../config/edit.ts';
import type { Inventory } from '../inventory/inventory.ts';
import { countsFromReload } from '../systemd/counts-from-reload.ts';
import type { Host, HostFiles } from '../systemd/host/host.ts';
import { lingerPath } from '../systemd/host/linger.ts';
import { type FileState, overlayFiles } from '../systemd/host/overlay-files.ts';
import { installLinks } from '../systemd/install-links.ts';
import { remember } from '../systemd/remember.ts';
import { ownUnitFolder } from '../systemd/search-path.ts';
import type { SourceLine } from '../systemd/service-settings.ts';
import { parseUnitName } from '../systemd/unit-name.ts';
import type { UnitLoader } from '../systemd/unit.ts';
import type { Step } from '../transaction/changes.ts';
import { type LeftOut, obstacleTo } from '../transaction/obstacle.ts';
import { dropInName, dropInText, resolvedFolder, type WantedSetting } from './drop-in.ts';

/** A setting that cannot take effect because of another line. */
export interface Prevented {
  readonly unit: string;
  readonly section: WantedSetting['section'];
  readonly key: string;
  /** The line that overrides it; null when systemd refuses the value. */
  readonly by: SourceLine | null;
}

/** Which findings a draft fixes, and the comments that it writes. */
export interface DraftOptions {
  /**
   * Whether to fix a finding.
   *
   * @param isOfOwnLine whether the finding is about a line that the plan itself writes
   */
  readonly isWanted: (finding: Finding, isOfOwnLine: boolean) => boolean;
  /** The comment above a setting, which gives the reason for it. */
  readonly commentOn: (finding: Finding) => string;
  /** Comment lines at the top of a drop-in. */
  readonly head: readonly string[];
  /** Whether the drop-ins are written below another folder: then links and permissions in this host's folders do not matter. */
  readonly isForElsewhere?: boolean;
  /** The configuration that may be edited; undefined when none may be. */
  readonly configuration: EditableConfiguration | undefined;
}

export interface EditableConfiguration {
  /** The path on the host. */
  readonly path: string;
  /** Empty when the file does not exist yet. */
  readonly text: string;
}

interface DraftedSetting extends WantedSetting {
  readonly finding: Finding;
}

/** Where the drop-in of a unit goes. */
interface DropInPlace {
  /** The base name. */
  readonly name: string;
  /** The unit's fragment and drop-ins. */
  readonly sources: readonly string[];
}

export class FixDraft {
  readonly prevented: Prevented[] = [];
  /** Paths that cannot be written. */
  readonly #leftOut = new Map<string, LeftOut>();
  /** The settings in `prevented`. */
  readonly #preventedSettings = new Set<string>();
  readonly #host: Host;
  readonly #options: DraftOptions;
  /** By unit, then by section and key. */
  readonly #settings = new Map<string, Map<string, DraftedSetting>>();
  /** Base names of the drop-ins, by unit. */
  readonly #names = new Map<string, string>();
  /** Fragment and drop-ins of each unit: a new drop-in may be read only by users who can read these. */
  readonly #sources = new Map<string, readonly string[]>();
  readonly #modes = new Map<string, Extract<FileState, { readonly kind: 'mode' }>>();
  readonly #links = new Map<string, FileState>();
  readonly #enabled = new Map<string, Extract<Step, { readonly links: readonly string[] }>>();
  readonly #reenabled = new Set<string>();
  readonly #restarts = new Set<string>();
  /** Units that are down and may be started. */
  readonly #starts = new Set<string>();
  /** Likewise, if the draft enables them: by the name under which it does. */
  readonly #startsOnceEnabled = new Map<string, string>();
  /** Units that get a probe in the configuration. */
  readonly #probed = new Set<string>();
  /** The present state of the paths to be written, at the time when it was read. */
  readonly #originals = new Map<string, OriginalFile>();
  /** Finds out what prevents a kind of state at a path. Each setting of a unit goes into the same file. */
  readonly #obstacleTo: (kind: FileState['kind']) => (path: string) => LeftOut['why'] | undefined;
  /** The present permission bits of a file; undefined when it does not exist. */
  readonly #presentMode: (file: string) => number | undefined;
  /** The drop-ins whose names were chosen in this round, by unit. */
  readonly #placed = new Map<string, DropInPlace>();
  #lingering: string | undefined;
  #reload = false;

  constructor(host: Host, options: DraftOptions) {
    this.#host = host;
    this.#options = options;
    this.#obstacleTo = remember(kind => remember(path => obstacleTo(path, kind, host)));
    this.#presentMode = remember(file => host.files.status(file)?.mode);
  }

  /**
   * Adds the changes that fix findings. When two findings want different values of one setting, the first one wins.
   *
   * @returns whether anything was added
   */
  take(findings: readonly Finding[], inventory: Inventory): boolean {
    let isNew = false;
    this.#placed.clear();
    const own = new Set(
      [...this.#settings.keys()].map(unit => this.#loadedDropIn(unit, inventory.host.files)),
    );
    for (const finding of findings) {
      const isOfOwnLine = finding.source !== null && own.has(finding.source.file);
      if (!this.#options.isWanted(finding, isOfOwnLine)) continue;
      const changes = finding.changes.map(change => ofItsOwnName(change, inventory.loader));
      if (changes.some(change => change.kind === 'set' && this.#isPrevented(change))) continue;
      for (const change of changes) isNew = this.#takeChange(change, finding, inventory) || isNew;
    }
    return isNew;
  }

  #takeChange(change: Change, finding: Finding, inventory: Inventory): boolean {
    switch (change.kind) {
      case 'set':
        return this.#set(change, finding, inventory);
      case 'enable':
        return this.#enable('enable', change.unit, inventory.loader);
      case 'enable-for': {
        const { unit, target } = change;
        const wantedBy = { unit, section: 'Install', key: 'WantedBy', values: ['', target] } as const;
        const isSet = this.#set(wantedBy, finding, inventory);
        if (isSet) this.#reenabled.add(unit);
        return isSet;
      }
      case 'enable-linger':
        return this.#enableLinger(change.user);
      case 'daemon-reload': {
        const isNew = !this.#reload;
        this.#reload = true;
        return isNew;
      }
      case 'mode':
        return this.#setMode(change.path, change.mode, finding);
      case 'probe': {
        const { configuration } = this.#options;
        if (configuration === undefined || this.#probed.has(change.unit)) return false;
        if (this.#isLeftOut(configuration.path, 'file', change.unit)) return false;
        this.#probed.add(change.unit);
        return true;
      }
      case 'restart':
        this.#restarts.add(change.unit);
        return false;
      case 'start':
        if (finding.changes.some(({ kind }) => kind === 'enable' || kind === 'enable-for'))
          this.#startsOnceEnabled.set(change.unit, nameOf(change.unit, inventory.loader));
        else this.#starts.add(change.unit);
        return false;
      default:
        return change satisfies never;
    }
  }

  #set(
    { unit, section, key, values }: Omit<WantedSetting, 'comment'> & { readonly unit: string },
    finding: Finding,
    { loader, host }: Inventory,
  ): boolean {
    const id = `${section}.${key}`;
    const settings = this.#settings.get(unit) ?? new Map<string, DraftedSetting>();
    if (settings.has(id) || this.#isPrevented({ unit, section, key })) return false;
    // In a folder that cannot be looked into, the name of the drop-in cannot be chosen.
    if (this.#isLeftOut(`${this.#dropInFolder(unit)}/${usualDropInName}`, 'file', unit)) return false;
    const { name, sources } = this.#placeOf(unit, { loader, host });
    if (this.#isLeftOut(`${this.#dropInFolder(unit)}/${name}`, 'file', unit)) return false;
    settings.set(id, { section, key, values, comment: this.#options.commentOn(finding), finding });
    this.#settings.set(unit, settings);
    this.#sources.set(unit, sources);
    this.#names.set(unit, name);
    return true;
  }

  /** Chooses the name of a unit's drop-in, once in a round. */
  #placeOf(unit: string, { loader, host }: Pick<Inventory, 'loader' | 'host'>): DropInPlace {
    const known = this.#placed.get(unit);
    if (known !== undefined) return known;
    const loaded = loader.load(unit);
    const sources = [loaded.fragment ?? [], ...loaded.dropIns].flat();
    const place = { name: dropInName(loaded, resolvedFolder(this.#dropInFolder(unit), host.files)), sources };
    this.#placed.set(unit, place);
    return place;
  }

  #isPrevented({ unit, section, key }: Pick<Prevented, 'unit' | 'section' | 'key'>): boolean {
    return this.#preventedSettings.has(`${unit} ${section}.${key}`);
  }

  #enable(kind: 'enable' | 'reenable', unit: string, loader: UnitLoader): boolean {
    const folder = this.#folder();
    if (folder === undefined || this.#enabled.has(unit)) return false;
    const links = installLinks(loader.load(unit), folder);
    if (links.length === 0 || links.some(({ path }) => this.#isLeftOut(path, 'link', unit))) return false;
    const old = kind === 'reenable' ? linksIn(folder, unit, loader) : [];
    if (old.some(path => this.#isLeftOut(path, 'absent', unit))) return false;
    for (const path of old) this.#links.set(path, { kind: 'absent' });
    for (const { path, target } of links) this.#links.set(path, { kind: 'link', target });
    this.#enabled.set(unit, { kind, unit, links: links.map(link => link.path) });
    return true;
  }

  #enableLinger(user: string): boolean {
    if (this.#lingering !== undefined) return false;
    if (this.#host.kind !== 'live' && this.#isLeftOut(lingerPath(user), 'file', undefined)) return false;
    this.#lingering = user;
    return true;
  }

  #setMode(path: string, mode: number, { unit }: Finding): boolean {
    if (this.#modes.has(path) || this.#isLeftOut(path, 'mode', unit ?? undefined)) return false;
    this.#modes.set(path, { kind: 'mode', mode });
    return true;
  }

  #isLeftOut(path: string, kind: FileState['kind'], unit: string | undefined): boolean {
    const why = this.#leftOut.get(path)?.why ?? this.#obstacleTo(kind)(path);
    if (why === undefined || (this.#options.isForElsewhere && why !== 'name-too-long')) return false;
    this.#leftOut.set(path, { unit, path, why });
    return true;
  }

  leftOut(): readonly LeftOut[] {
    return [...this.#leftOut.values()];
  }

  /**
   * Removes settings that would have no effect on the changed host, together with all other settings of the same finding:
   * half of a fix would fix nothing.
   */
  dropWithoutEffect({ loader, host }: Inventory): void {
    for (const [unit, settings] of this.#settings) {
      const loaded = loader.load(unit);
      const { assignments, ignored, dropIns } = loaded;
      const hooks = lastHooksDropIn(loaded, host);
      const file = this.#loadedDropIn(unit, host.files);
      const inVain = new Set<Finding>();
      for (const { section, key, finding } of settings.values()) {
        // The hooks add lines to the list that is written here; when they write it anew, none of its lines is left.
        const last =
          assignments.get(section, key).findLast(({ source }) => source.file !== hooks) ??
          assignments.get(section, key).at(-1);
        const isRefused = ignored.some(line => line.source.file === file && line.key === key);
        // systemd does not always read a drop-in folder that is a link.
        const isRead = dropIns.includes(file);
        if (isRead && (last === undefined ? !isRefused : last.source.file === file)) continue;
        inVain.add(finding);
        this.prevented.push({ unit, section, key, by: isRefused ? null : (last?.source ?? null) });
        this.#preventedSettings.add(`${unit} ${section}.${key}`);
      }
      for (const [id, { finding }] of settings) if (inVain.has(finding)) settings.delete(id);
      if (settings.size === 0) this.#settings.delete(unit);
    }
    // The links of a unit that gets another target come from the drop-in, which is known to take effect only here.
    for (const unit of this.#reenabled) {
      if (this.#settings.has(unit)) this.#enable('reenable', unit, loader);
    }
  }

  /** The host with the changes made. It has no manager, since the real one does not know these changes yet. */
  hostAfterwards(): Host {
    const host = this.#host;
    const user = this.#lingering;
    const changes = this.files();
    return {
      ...host,
      files: overlayFiles(host.files, changes),
      manager: undefined,
      linger: async () => {
        const linger = await host.linger();
        return linger === undefined || user === undefined ? linger : { ...linger, enabled: true };
      },
    };
  }

  files(): ReadonlyMap<string, FileState> {
    const dropIns = [...this.#settings].map(([unit, settings]) => {
      const file = this.#dropInOf(unit);
      const { text, mode } = this.#original(file);
      const content = dropInText([...settings.values()], this.#options.head, text);
      return [file, fileOf(content, text === undefined ? mode & this.#readersOf(unit) : mode)] as const;
    });
    const written = new Map<string, FileState>([...dropIns, ...this.#configuration()]);
    // A file that is written anew gets its permissions with its content.
    const modes = [...this.#modes].map(([file, state]) => {
      const content = written.get(file);
      return [file, content?.kind === 'file' ? { ...content, mode: state.mode } : state] as const;
    });
    return new Map([...written, ...modes, ...this.#links, ...this.#lingerFlag()]);
  }

  /** The permission bits that all files of a unit have in common, after the changes; the owner may read the drop-in in any case. */
  #readersOf(unit: string): number {
    const modes = (this.#sources.get(unit) ?? []).flatMap(
      file => this.#modes.get(file)?.mode ?? this.#presentMode(file) ?? [],
    );
    return modes.reduce((common, mode) => common & mode, 0o666) | 0o400;
  }

  /** On a host that is not live there is no logind to ask: lingering is turned on by the file that logind would make. */
  #lingerFlag(): readonly (readonly [string, FileState])[] {
    if (this.#host.kind === 'live' || this.#lingering === undefined) return [];
    return [[lingerPath(this.#lingering), fileOf('', 0o644)]];
  }

  #configuration(): readonly (readonly [string, FileState])[] {
    const { configuration } = this.#options;
    if (configuration === undefined || this.#probed.size === 0) return [];
    const { mode } = this.#original(configuration.path);
    return [[configuration.path, fileOf(withProbes(configuration.text, [...this.#probed]), mode)]];
  }

  /** The state of the files that the plan was made from: a file that changes afterwards must not be overwritten. */
  madeFrom(): ReadonlyMap<string, FileState> {
    return new Map([...this.#originals].map(([path, { state }]) => [path, state]));
  }

  #original(path: string): OriginalFile {
    const known = this.#originals.get(path) ?? originalAt(path, this.#host);
    this.#originals.set(path, known);
    return known;
  }

  /** The policy for units after the configuration is edited. */
  policyAfterwards(policy: CheckPolicy): CheckPolicy {
    const probed = [...this.#probed].map(unit => {
      const before = policy.units.get(unit) ?? defaultUnitPolicy;
      return [unit, { ...before, isProbed: true }] as const;
    });
    return { ...policy, units: new Map([...policy.units, ...probed]) };
  }

  settings(): ReadonlyMap<string, readonly WantedSetting[]> {
    return new Map([...this.#settings].map(([unit, settings]) => [unit, [...settings.values()]]));
  }

  starts(): readonly string[] {
    const enabled = [...this.#startsOnceEnabled].filter(([, name]) => this.#enabled.has(name));
    return [...new Set([...this.#starts, ...enabled.map(([unit]) => unit)])].toSorted();
  }

  /** Units that have to be restarted before all changes apply. */
  restarts(): readonly string[] {
    const changed = [...this.#settings].filter(([, settings]) =>
      [...settings.values()].some(({ section, key }) => !countsFromReload(section, key)),
    );
    return [...new Set([...this.#restarts, ...changed.map(([unit]) => unit)])].toSorted();
  }

  steps(): readonly Step[] {
    return [
      ...(this.#settings.size > 0 || this.#reload ? [{ kind: 'daemon-reload' } as const] : []),
      ...this.#enabled.values(),
      ...(this.#lingering === undefined ? [] : [{ kind: 'enable-linger', user: this.#lingering } as const]),
    ];
  }

  #dropInOf(unit: string): string {
    return `${this.#dropInFolder(unit)}/${this.#names.get(unit) ?? ''}`;
  }

  /** The path that systemd shows for the drop-in: links among its folders are resolved. */
  #loadedDropIn(unit: string, files: HostFiles): string {
    return `${resolvedFolder(this.#dropInFolder(unit), files)}/${this.#names.get(unit) ?? ''}`;
  }

  #dropInFolder(unit: string): string {
    return `${this.#folder() ?? ''}/${unit}.d`;
  }

  #folder(): string | undefined {
    return ownUnitFolder(this.#host.scope, this.#host.environment);
  }
}

/** The change with the unit's own name in place of an alias: an alias may be removed, and its drop-ins would then not apply. */
function ofItsOwnName(change: Change, loader: UnitLoader): Change {
  if (change.kind !== 'set' && change.kind !== 'enable' && change.kind !== 'enable-for') return change;
  return { ...change, unit: nameOf(change.unit, loader) };
}

function nameOf(unit: string, { index }: UnitLoader): string {
  const name = parseUnitName(unit);
  return name === undefined ? unit : index.locate(name).id;
}

/** The links in the user's own folder that pull the unit in: `systemctl disable` removes them. */
function linksIn(folder: string, unit: string, { index }: UnitLoader): readonly string[] {
  return index.linksTo([unit]).flatMap(({ path }) => (path.startsWith(`${folder}/`) ? [path] : []));
}

/** The state of a path before the fix. */
interface OriginalFile {
  readonly state: FileState;
  readonly text: string | undefined;
  /** Permission bits of the file that replaces it: the same users may read it as before. */
  readonly mode: number;
}

export function originalAt(path: string, { files }: Host): OriginalFile {
  const status = files.status(path);
  if (status === undefined) return { state: { kind: 'absent' }, text: undefined, mode: 0o644 };
  const content = files.read(path);
  const { mode } = status;
  return { state: { kind: 'file', content, mode }, text: content.toString('utf8'), mode: mode & 0o777 };
}

export function fileOf(text: string, mode: number): FileState {
  return { kind: 'file', content: Buffer.from(text), mode };
}
