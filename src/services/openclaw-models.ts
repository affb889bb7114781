/**
 * Which models OpenClaw asks, and in which order: what it makes of the references in its configuration. A reference may be an
 * alias, a bare name, the name of a provider in another case, or a model whose own name has a slash.
 *
 * Read: openclaw 2026.9.6 (`model-selection-shared`, `model-fallback-candidates`, `agent-scope`); run: `lab/openclaw-models/`, whose
 * recording this file is held against. Source of the intent: docs.openclaw.ai/concepts/model-failover.
 */
import type { SourceLine } from '../systemd/service-settings.ts';
import { type ConfigNode, entriesOf, itemsOf, nodeAt, scalarOf, textOf } from './config-node.ts';
import type { OpenclawConfig } from './openclaw-config.ts';
import { normalModel } from './openclaw-model-names.ts';
import { type ModelRow, modelRows, rowFor } from './openclaw-rows.ts';

/** A model that OpenClaw asks. */
export interface ModelReference {
  /** The id of the provider as `models.providers` has it; that of a provider which is not declared in small letters. */
  readonly provider: string;
  /** The name by which the provider is asked for it. */
  readonly model: string;
  /** The reference as it is written: `PROVIDER/MODEL`, an alias, a bare name. */
  readonly written: string;
  readonly source: SourceLine;
  /** The entry of the model in the list of its provider; undefined where the provider has none. */
  readonly entry: ConfigNode | undefined;
  /** Whether it is a bare name that would mean another provider if one more declared such a model. */
  readonly isBare: boolean;
}

/** A reference of which it is not known which model it means, or where that is. */
export interface UnclearReference {
  readonly written: string;
  readonly source: SourceLine;
  /**
   * `variable`: it contains one without a value. `form`: OpenClaw passes over it. `alike`: several providers have this name,
   * apart from its case.
   */
  readonly reason: 'variable' | 'form' | 'alike';
}

/** Models in the order in which they are asked, each once. */
export interface ModelChain {
  readonly primary: ModelReference | undefined;
  readonly fallbacks: readonly ModelReference[];
  readonly unclear: readonly UnclearReference[];
}

/** The primary model and the fallbacks, in the order in which they are asked. */
export function modelsInOrder({
  primary,
  fallbacks,
}: Pick<ModelChain, 'primary' | 'fallbacks'>): readonly ModelReference[] {
  return primary === undefined ? fallbacks : [primary, ...fallbacks];
}

/** Whether it is known which models a chain has: what OpenClaw passes over is none of them. */
export function isCertain({ unclear }: ModelChain): boolean {
  return unclear.every(({ reason }) => reason === 'form');
}

/** The models of an agent. */
export interface AgentModels extends ModelChain {
  /** Id of the agent; null for `agents.defaults`. */
  readonly id: string | null;
  /** The path of `model`: `agents.entries.ID.model`, `agents.list.INDEX.model`. */
  readonly path: ConfigPath;
  readonly source: SourceLine;
  /** Whether its primary model is that of `agents.defaults`, or the first of all models that providers declare. */
  readonly inheritsPrimary: boolean;
  /** Whether it has an empty list of fallbacks: it is to have none. */
  readonly declinesFallbacks: boolean;
}

/** Models of a setting beside those by which agents answer. */
export interface SettingModels extends ModelChain {
  /** `agents.defaults.subagents.model` */
  readonly path: ConfigPath;
  readonly source: SourceLine;
  /** The agent that it holds for; null for all that have no setting of their own. */
  readonly agent: string | null;
  /** Whether the agent has it from the defaults, where it means something else for it than for others. */
  readonly isInherited: boolean;
  /** Subagents and heartbeats are turns of agents. A heartbeat has the fallbacks of its agent. */
  readonly use: 'subagents' | 'heartbeat' | 'text' | 'media';
  readonly declinesFallbacks: boolean;
}

/** Whether these are the models of turns of agents. */
export function isTurn(
  models: SettingModels,
): models is SettingModels & { readonly use: 'subagents' | 'heartbeat' } {
  return models.use === 'subagents' || models.use === 'heartbeat';
}

type ConfigPath = readonly (string | number)[];

/** `agents.defaults` first, then the agents that ask others than it does. */
export function agentModels(config: OpenclawConfig): readonly AgentModels[] {
  const models = new Models(config);
  const roster = rosterOf(config.root);
  const own = nodeAt(config.root, 'agents', 'defaults', 'model');
  const defaults = models.chainOf(undefined);
  // Without a model of their own, agents ask the first one that any provider declares.
  const source = own?.source ?? defaults.primary?.source;
  const ofDefaults: readonly AgentModels[] =
    source === undefined
      ? []
      : [
          {
            ...defaults,
            id: null,
            path: ['agents', 'defaults', 'model'],
            source,
            inheritsPrimary: primaryOf(own) === undefined,
            declinesFallbacks: isEmptyList(nodeAt(own, 'fallbacks')),
          },
        ];
  return [
    ...ofDefaults,
    ...roster.flatMap(({ id, path, node }) => {
      const model = nodeAt(node, 'model');
      const chain = models.chainOf(node);
      const hasOwn = primaryOf(model) !== undefined || nodeAt(model, 'fallbacks')?.kind === 'list';
      if (!hasOwn && isSameChain(chain, defaults)) return [];
      return [
        {
          ...chain,
          id,
          path: [...path, 'model'],
          source: model?.source ?? node.source,
          inheritsPrimary: primaryOf(model) === undefined,
          declinesFallbacks: isEmptyList(nodeAt(model, 'fallbacks')),
        },
      ];
    }),
  ];
}

/** The models of subagents and heartbeats, of pictures, summaries and other purposes, where a setting names them. */
export function settingModels(config: OpenclawConfig): readonly SettingModels[] {
  const models = new Models(config);
  const { root } = config;
  const defaults: Holder = {
    id: null,
    path: ['agents', 'defaults'],
    node: nodeAt(root, 'agents', 'defaults'),
  };
  const ofAgents = agentSettings.flatMap(({ use, keys }) => {
    const shared = nodeAt(defaults.node, ...keys);
    const path = [...defaults.path, ...keys];
    const ofAll = shared === undefined ? [] : models.settingOf(path, shared, defaults, use);
    const [first] = ofAll;
    const ofEach = rosterOf(root).flatMap(holder => {
      const own = nodeAt(holder.node, ...keys);
      if (own !== undefined) return models.settingOf([...holder.path, ...keys], own, holder, use);
      // What all have may mean something else for one of them: it has its own provider, aliases and fallbacks.
      const inherited = shared === undefined ? [] : models.settingOf(path, shared, holder, use);
      return inherited
        .filter(each => first === undefined || !isSameChain(each, first))
        .map(each => ({ ...each, isInherited: true }));
    });
    return [...ofAll, ...ofEach];
  });
  const channels = entriesOf(nodeAt(root, 'channels', 'modelByChannel')).flatMap(([channel, node]) =>
    entriesOf(node).map(
      ([target, value]) =>
        ({ use: 'text', path: ['channels', 'modelByChannel', channel, target], value }) as const,
    ),
  );
  const hooks = itemsOf(nodeAt(root, 'hooks', 'mappings')).map(
    (node, index) =>
      ({ use: 'text', path: ['hooks', 'mappings', index, 'model'], value: nodeAt(node, 'model') }) as const,
  );
  const others = rootSettings.map(({ use, keys }) => ({ use, path: keys, value: nodeAt(root, ...keys) }));
  return [
    ...ofAgents,
    ...[...channels, ...hooks, ...others].flatMap(({ use, path, value }) =>
      value === undefined ? [] : models.settingOf(path, value, whole, use),
    ),
  ];
}

/** Settings of an agent that name models. Read: openclaw 2026.9.6, `collectConfiguredModelRefs()`. */
const agentSettings: readonly { readonly use: SettingModels['use']; readonly keys: readonly string[] }[] = [
  { use: 'subagents', keys: ['subagents', 'model'] },
  { use: 'heartbeat', keys: ['heartbeat', 'model'] },
  { use: 'text', keys: ['utilityModel'] },
  { use: 'text', keys: ['decisionModel'] },
  { use: 'text', keys: ['imageModel'] },
  { use: 'text', keys: ['pdfModel'] },
  { use: 'media', keys: ['voiceModel'] },
  { use: 'media', keys: ['mediaModels', 'image'] },
  { use: 'media', keys: ['mediaModels', 'video'] },
  { use: 'media', keys: ['mediaModels', 'music'] },
  { use: 'text', keys: ['compaction', 'model'] },
  { use: 'text', keys: ['compaction', 'memoryFlush', 'model'] },
  { use: 'text', keys: ['tools', 'exec', 'reviewer', 'model'] },
  { use: 'text', keys: ['tts', 'summaryModel'] },
];

/** The same for the whole configuration. Jobs of cron have their models in OpenClaw's database. */
const rootSettings: typeof agentSettings = [
  { use: 'text', keys: ['tools', 'exec', 'reviewer', 'model'] },
  { use: 'media', keys: ['tools', 'media', 'image', 'preferredModel'] },
  { use: 'media', keys: ['tools', 'media', 'audio', 'preferredModel'] },
  { use: 'media', keys: ['tools', 'media', 'video', 'preferredModel'] },
  { use: 'text', keys: ['hooks', 'gmail', 'model'] },
  { use: 'text', keys: ['tts', 'summaryModel'] },
  { use: 'media', keys: ['channels', 'discord', 'voice', 'model'] },
  { use: 'text', keys: ['channels', 'discord', 'voice', 'tts', 'summaryModel'] },
];

/** An agent, or the defaults of all. */
interface Holder {
  readonly id: string | null;
  readonly path: ConfigPath;
  readonly node: ConfigNode | undefined;
}

/** Of settings that belong to no agent. */
const whole: Holder = { id: null, path: [], node: undefined };

interface RosterEntry extends Holder {
  readonly id: string;
  readonly node: ConfigNode;
}

/** `agents.entries`, or else `agents.list` of older versions. Ids are compared without case, and the first of two alike counts. */
function rosterOf(root: ConfigNode | undefined): readonly RosterEntry[] {
  const agents = nodeAt(root, 'agents');
  const entries = nodeAt(agents, 'entries');
  const all =
    entries === undefined
      ? itemsOf(nodeAt(agents, 'list')).map((node, index) => ({
          id: textOf(nodeAt(node, 'id')) ?? '',
          path: ['agents', 'list', index],
          node,
        }))
      : entriesOf(entries).map(([id, node]) => ({ id, path: ['agents', 'entries', id], node }));
  const seen = new Set<string>();
  return all.filter(({ id, node }) => {
    const key = id.trim().toLowerCase();
    const isNew = !seen.has(key);
    seen.add(key);
    return isNew && node.kind === 'object';
  });
}

/** The agent that OpenClaw uses when none is named: the one marked as default, or else `main`, or else the first one. */
export function usualAgent({ root }: OpenclawConfig): string {
  const all = rosterOf(root);
  const chosen =
    all.find(({ node }) => scalarOf(nodeAt(node, 'default')) === true) ??
    all.find(({ id }) => id.trim().toLowerCase() === 'main') ??
    all[0];
  return chosen?.id ?? 'main';
}

/** The reference of `model`: a text, or its `primary`. An empty one counts as none. */
function primaryOf(model: ConfigNode | undefined): ConfigNode | undefined {
  const primary = model?.kind === 'object' ? nodeAt(model, 'primary') : model;
  return textOf(primary)?.trim() ? primary : undefined;
}

function isEmptyList(node: ConfigNode | undefined): boolean {
  return node?.kind === 'list' && node.items.length === 0;
}

/** A model by the normalised id of its provider, and its name: that by which it is asked for, and the one written. */
interface Meant {
  readonly provider: string;
  readonly model: string;
  readonly name: string;
  readonly isBare?: boolean;
}

interface Alias {
  readonly key: string;
  readonly name: string;
  readonly meant: Meant;
}

interface DeclaredProvider {
  readonly id: string;
  readonly key: string;
  /** The API of a provider that has one of another name than its own: its models are asked for as they are written. */
  readonly hasOwnApi: boolean;
  readonly models: readonly ModelRow[];
}

class Models {
  readonly #config: OpenclawConfig;
  readonly #providers: readonly DeclaredProvider[];

  /** References around whose first slash OpenClaw takes away blanks when it reads them: those of the defaults. */
  readonly #tidied: ReadonlySet<ConfigNode>;

  constructor(config: OpenclawConfig) {
    this.#config = config;
    const model = nodeAt(config.root, 'agents', 'defaults', 'model');
    this.#tidied = new Set([primaryOf(model) ?? [], ...itemsOf(nodeAt(model, 'fallbacks'))].flat());
    this.#providers = entriesOf(nodeAt(config.root, 'models', 'providers')).map(([id, node]) => {
      const key = normal(id);
      const api = normal(textOf(nodeAt(node, 'api')) ?? '');
      return {
        id,
        key,
        hasOwnApi: api !== '' && api !== key,
        models: modelRows(id, node, config),
      };
    });
  }

  /** The models by which an agent answers. @param agent its entry; undefined for one that has none */
  chainOf(agent: ConfigNode | undefined): ModelChain {
    const collected = new Chain(this.#providers);
    const usual = this.#addUsual(collected, agent);
    this.#addFallbacks(this.#fallbacksFor(agent), collected, agent, usual);
    return collected;
  }

  /** Adds the primary model of an agent. @returns its provider, to which bare names among the fallbacks belong */
  #addUsual(collected: Chain, agent: ConfigNode | undefined): string {
    const primary =
      primaryOf(nodeAt(agent, 'model')) ??
      primaryOf(nodeAt(this.#config.root, 'agents', 'defaults', 'model'));
    return (
      (primary === undefined ? undefined : this.#addPrimary(primary, collected, agent)) ??
      this.#addFirstDeclared(collected) ??
      usualProvider
    );
  }

  #fallbacksFor(agent: ConfigNode | undefined): readonly ConfigNode[] {
    const defaults = nodeAt(this.#config.root, 'agents', 'defaults', 'model');
    return fallbacksOf(nodeAt(agent, 'model')) ?? fallbacksOf(defaults) ?? [];
  }

  /** @returns the provider of the model */
  #addPrimary(node: ConfigNode, collected: Chain, agent: ConfigNode | undefined): string | undefined {
    const text = this.#text(node, collected);
    const meant = this.#primary(text ?? textOf(node) ?? '', agent);
    if (text !== undefined) collected.add(meant, text, node.source, true);
    return meant?.provider;
  }

  /** What agents without any model ask. OpenClaw has a model of its own for where nothing is declared, in each version another. */
  #addFirstDeclared(collected: Chain): string | undefined {
    const first = this.#providers.find(({ models }) => models.length > 0);
    const [row] = first?.models ?? [];
    if (first === undefined || row === undefined) return undefined;
    const written = `${first.id}/${row.id}`;
    const { source } = row.node;
    const meant = { provider: first.key, model: row.id, name: row.written };
    if (row.isNamed) collected.add(meant, written, source, true);
    else collected.addUnclear(written, source, 'variable');
    return first.key;
  }

  settingOf(
    path: ConfigPath,
    value: ConfigNode,
    { id, node: entry }: Holder,
    use: SettingModels['use'],
  ): readonly SettingModels[] {
    const agent = id === null ? undefined : entry;
    const { root } = this.#config;
    const collected = new Chain(this.#providers);
    const base = new Chain(this.#providers);
    const usual = this.#addUsual(base, agent);
    const addBase = (isPrimary: boolean) => {
      const { primary } = base;
      if (primary === undefined) return;
      const { provider, model, written, source } = primary;
      const name = textOf(nodeAt(primary.entry, 'id')) ?? model;
      collected.add({ provider: normal(provider), model, name }, written, source, isPrimary);
    };
    // Subagents have the model, and the list, of their agent, of all subagents, or of what asks them.
    const levels =
      use === 'subagents' ? [value, nodeAt(root, 'agents', 'defaults', 'subagents', 'model')] : [value];
    const node = levels.map(primaryOf).find(each => each !== undefined);
    const text = node === undefined ? undefined : this.#text(node, collected);
    if (node !== undefined && text !== undefined)
      collected.add(this.#resolved(text, usual, this.#aliases(agent, usual)), text, node.source, true);
    else if (use === 'subagents' && node === undefined) addBase(true);
    const own = levels.map(fallbacksOf).find(each => each !== undefined);
    if (use === 'heartbeat') {
      // A heartbeat is a turn of its agent, with another model first.
      this.#addFallbacks(this.#fallbacksFor(agent), collected, agent, usual);
      if (fallbacksOf(nodeAt(agent, 'model')) === undefined) addBase(false);
    } else this.#addFallbacks(own ?? [], collected, agent, usual);
    const { primary, fallbacks, unclear } = collected;
    if (primary === undefined && fallbacks.length + unclear.length === 0) return [];
    const declinesFallbacks = isEmptyList(nodeAt(value, 'fallbacks'));
    return [
      {
        path,
        source: value.source,
        agent: id,
        isInherited: false,
        use,
        declinesFallbacks,
        primary,
        fallbacks,
        unclear,
      },
    ];
  }

  #addFallbacks(
    nodes: readonly ConfigNode[],
    collected: Chain,
    agent: ConfigNode | undefined,
    usual: string,
  ): void {
    const aliases = this.#aliases(agent, usual);
    for (const node of nodes) {
      const text = this.#text(node, collected);
      if (text !== undefined) collected.add(this.#resolved(text, usual, aliases), text, node.source, false);
    }
  }

  /** The text of a reference with its variables replaced; one that has none is noted. */
  #text(node: ConfigNode, collected: Chain): string | undefined {
    const text = this.#config.text(node);
    if (text === undefined) collected.addUnclear(textOf(node) ?? '', node.source, 'variable');
    return !this.#tidied.has(node) ? text : text?.replace(/^([^/]*[^/\s])\s*\/\s*(?=\S)/, '$1/');
  }

  /** A primary model: of a bare name, the provider is sought. */
  #primary(written: string, agent: ConfigNode | undefined): Meant | undefined {
    const trimmed = written.trim();
    const model = withoutProfile(trimmed);
    const aliases = this.#aliases(agent, usualProvider);
    const find = (name: string, provider?: string) =>
      aliases.findLast(
        each =>
          normal(each.name) === normal(name) && (provider === undefined || each.meant.provider === provider),
      );
    const exact = find(trimmed);
    if (model !== trimmed) {
      const own = exact ?? find(model);
      if (own !== undefined) return own.meant;
    }
    const [provider, name] = halves(model);
    if (exact === undefined && provider !== undefined && name !== undefined) {
      const own = find(name, normal(provider));
      const isDeclared = this.#first(provider)?.models.some(({ id }) => id === name.trim()) === true;
      if (own !== undefined && !isDeclared) return own.meant;
    }
    const declared = this.#exactly(model);
    if (declared !== undefined) return declared;
    if (model === trimmed && exact !== undefined)
      return provider !== undefined && !exact.key.trim().includes('/')
        ? this.#parsed(model, usualProvider)
        : exact.meant;
    if (!trimmed.includes('/') && !isCompatible(trimmed)) {
      const { inferred, isSettled } = this.#providerOf(trimmed, agent);
      const meant =
        inferred === undefined
          ? this.#resolved(trimmed, usualProvider, aliases)
          : normalised(inferred, trimmed);
      return meant && { ...meant, isBare: !isSettled };
    }
    return this.#resolved(trimmed, usualProvider, aliases);
  }

  /** @param usual the provider of a bare name */
  #resolved(written: string, usual: string, aliases: readonly Alias[]): Meant | undefined {
    const model = withoutProfile(written.trim());
    if (model === '') return undefined;
    const [provider, name] = halves(model);
    const alias =
      aliases.findLast(each => normal(each.name) === normal(model)) ??
      (provider === undefined || name === undefined
        ? undefined
        : aliases.findLast(
            each => normal(each.name) === normal(name) && each.meant.provider === normal(provider),
          ));
    return alias?.meant ?? this.#parsed(model, usual);
  }

  #parsed(raw: string, usual: string): Meant | undefined {
    if (normal(raw) === 'openrouter:auto') return normalised('openrouter', 'auto');
    const declared = this.#exactly(raw) ?? (raw.includes('/') ? undefined : this.#exactly(`${usual}/${raw}`));
    if (declared !== undefined) return declared;
    const trimmed = raw.trim();
    if (trimmed === '') return undefined;
    if (!trimmed.includes('/')) return normalised(usual, trimmed);
    const at = trimmed.indexOf('/');
    const provider = trimmed.slice(0, at).trim();
    const model = trimmed.slice(at + 1).trim();
    return provider === '' || model === '' ? undefined : normalised(provider, model);
  }

  /** A model of a declared provider with an API of its own: its name is not read any further. */
  #exactly(raw: string): Meant | undefined {
    const [written, name] = halves(raw);
    const provider = written?.trim();
    const model = name?.trim();
    if (!provider || !model) return undefined;
    const declared = this.#first(provider);
    return declared?.hasOwnApi === true
      ? { provider: declared.key, model: normalModel(declared.key, model, 'row'), name: model }
      : undefined;
  }

  #first(provider: string): DeclaredProvider | undefined {
    return this.#providers.find(({ key }) => key === normal(provider));
  }

  /** The only provider that has a model of this name, and whether that stays so when one more has it. */
  #providerOf(
    name: string,
    agent: ConfigNode | undefined,
  ): { readonly inferred: string | undefined; readonly isSettled: boolean } {
    const own = new Matches(name);
    for (const each of this.#modelKeys(nodeAt(agent, 'models'))) own.add(each.provider, each.model);
    if (own.found.size > 0) return { inferred: only(own.found), isSettled: true };
    const all = new Matches(name);
    for (const each of this.#modelKeys(nodeAt(this.#config.root, 'agents', 'defaults', 'models')))
      all.add(each.provider, each.model);
    for (const { key, models } of this.#providers) for (const { id } of models) all.add(key, id);
    return { inferred: only(all.found), isSettled: all.isManifold };
  }

  #modelKeys(node: ConfigNode | undefined): readonly Meant[] {
    return entriesOf(node).flatMap(([key]) => {
      const trimmed = key.trim();
      const [provider, model] = halves(trimmed);
      return provider === undefined || model === undefined || trimmed.endsWith('/*')
        ? []
        : [normalised(provider, model)];
    });
  }

  /** The aliases that hold for an agent: later ones come before earlier ones. */
  #aliases(agent: ConfigNode | undefined, usual: string): readonly Alias[] {
    const byModel = new Map<string, Alias | undefined>();
    const maps = [
      this.#withUsualAliases(nodeAt(this.#config.root, 'agents', 'defaults', 'models')),
      aliasesIn(nodeAt(agent, 'models'), this.#config),
    ];
    for (const [key, name] of maps.flat()) {
      if (key.trim().endsWith('/*')) continue;
      const meant = this.#parsed(key, usual);
      if (meant === undefined) continue;
      const model = `${meant.provider}/${meant.model}`;
      byModel.delete(model);
      byModel.set(model, name === '' ? undefined : { key, name, meant });
    }
    return [...byModel.values()].filter(each => each !== undefined);
  }

  /** The aliases of `agents.defaults.models`, with those that OpenClaw adds to some models. */
  #withUsualAliases(node: ConfigNode | undefined): readonly (readonly [string, string])[] {
    const written = aliasesIn(node, this.#config);
    const added = entriesOf(node).flatMap(([key, entry]): readonly (readonly [string, string])[] => {
      const alias = usualAliases.get(key);
      const isTaken = written.some(([other, name]) => other !== key && normal(name) === alias);
      return alias === undefined || nodeAt(entry, 'alias') !== undefined || isTaken ? [] : [[key, alias]];
    });
    const names = new Map([...written, ...added]);
    // In the order of the mapping: of two alike, the later one counts.
    return entriesOf(node).flatMap(([key]) => {
      const name = names.get(key);
      return name === undefined ? [] : [[key, name] as const];
    });
  }
}

/** Provider of a bare name that no provider declares. */
const usualProvider = 'openai';

/** Read: openclaw 2026.9.6, `DEFAULT_MODEL_ALIASES`: they hold for models that `agents.defaults.models` lists. */
const usualAliases: ReadonlyMap<string, string> = new Map([
  ['anthropic/claude-opus-5', 'opus'],
  ['anthropic/claude-sonnet-5', 'sonnet'],
  ['openai/gpt-5.4', 'gpt'],
  ['openai/gpt-5.4-mini', 'gpt-mini'],
  ['openai/gpt-5.4-nano', 'gpt-nano'],
  ['google/gemini-3.1-pro-preview', 'gemini'],
  ['google/gemini-3-flash-preview', 'gemini-flash'],
  ['google/gemini-3.1-flash-lite', 'gemini-flash-lite'],
]);

function aliasesIn(
  node: ConfigNode | undefined,
  config: OpenclawConfig,
): readonly (readonly [string, string])[] {
  return entriesOf(node).flatMap(([key, entry]) => {
    const alias = nodeAt(entry, 'alias');
    if (alias === undefined) return [];
    const name = config.text(alias) ?? textOf(alias) ?? '';
    return [[key, name.trim()] as const];
  });
}

function isCompatible(name: string): boolean {
  return normal(name) === 'openrouter:auto' || normal(name) === 'openrouter:free';
}

/** The list that counts for `model`; undefined when it leaves the fallbacks to the defaults. A model alone has none. */
function fallbacksOf(model: ConfigNode | undefined): readonly ConfigNode[] | undefined {
  const list = nodeAt(model, 'fallbacks');
  if (list !== undefined) return list.kind === 'list' ? list.items : undefined;
  return primaryOf(model) === undefined ? undefined : [];
}

/** Collects the models of a chain. */
class Chain implements ModelChain {
  primary: ModelReference | undefined;
  readonly fallbacks: ModelReference[] = [];
  readonly unclear: UnclearReference[] = [];
  readonly #providers: readonly DeclaredProvider[];
  readonly #seen = new Set<string>();

  constructor(providers: readonly DeclaredProvider[]) {
    this.#providers = providers;
  }

  add(meant: Meant | undefined, written: string, source: SourceLine, isPrimary: boolean): void {
    if (meant === undefined) {
      this.addUnclear(written, source, 'form');
      return;
    }
    const { provider } = meant;
    const alike = this.#providers.filter(each => each.key === provider);
    const declared = alike.find(({ id }) => id.trim() === provider) ?? alike[0];
    const rows = [...(declared?.models ?? []), ...alike.flatMap(({ models }) => models)];
    const row = rowFor(rows, provider, meant.model, meant.name);
    const model = row?.id ?? meant.model;
    const key = `${provider}\n${model}`;
    if (this.#seen.has(key)) return;
    this.#seen.add(key);
    const reference = {
      provider: declared?.id ?? provider,
      model,
      written: written.trim(),
      source,
      entry: row?.node,
      isBare: meant.isBare === true,
    };
    if (isPrimary) this.primary = reference;
    else this.fallbacks.push(reference);
    if (alike.length > 1) this.addUnclear(written, source, 'alike');
  }

  addUnclear(written: string, source: SourceLine, reason: UnclearReference['reason']): void {
    this.unclear.push({ written, source, reason });
  }
}

/** The providers that have a model of a name: those that write it so come before those that write it in another case. */
class Matches {
  readonly #name: string;
  readonly #exact = new Set<string>();
  readonly #folded = new Set<string>();

  constructor(name: string) {
    this.#name = name.trim();
  }

  add(provider: string, ...ids: readonly string[]): void {
    if (ids.some(id => id.trim() === this.#name)) this.#exact.add(provider);
    else if (ids.some(id => normal(id) === normal(this.#name))) this.#folded.add(provider);
  }

  /** Whether several write it so. */
  get isManifold(): boolean {
    return this.#exact.size > 1;
  }

  get found(): ReadonlySet<string> {
    return this.#exact.size > 0 ? this.#exact : this.#folded;
  }
}

function only(found: ReadonlySet<string>): string | undefined {
  const [first] = found;
  return found.size === 1 ? first : undefined;
}

function normalised(provider: string, model: string): Meant {
  const key = normal(provider);
  return { provider: key, model: normalModel(key, model.trim(), 'reference'), name: model.trim() };
}

function normal(text: string): string {
  return text.trim().toLowerCase();
}

/** The texts before and after the first slash; undefined when there is none, or nothing on one side of it. */
function halves(text: string): readonly [string | undefined, string | undefined] {
  const at = text.indexOf('/');
  return at <= 0 || at === text.length - 1 ? [undefined, undefined] : [text.slice(0, at), text.slice(at + 1)];
}

/** `PROVIDER/MODEL@PROFILE` names an auth profile. A date or a quantization behind `@` belongs to the name of the model. */
function withoutProfile(text: string): string {
  const name = text.lastIndexOf('/') + 1;
  let at = text.indexOf('@', name);
  for (const ofName of [/^\d{8}(?:@|$)/, /^(?:i?q\d+(?:_[a-z0-9]+)*|\d+bit)(?:@|$)/i]) {
    if (at > 0 && ofName.test(text.slice(at + 1))) at = text.indexOf('@', at + 1);
  }
  const model = at <= 0 ? '' : text.slice(0, at).trim();
  return model === '' || text.slice(at + 1).trim() === '' ? text : model;
}

function isSameChain(a: ModelChain, b: ModelChain): boolean {
  const key = ({ primary, fallbacks, unclear }: ModelChain) =>
    JSON.stringify([
      [primary, ...fallbacks].map(each => each && [each.provider, each.model]),
      unclear.map(({ written }) => written),
    ]);
  return key(a) === key(b);
}
