/** Asks OpenClaw's own functions, in this process, which models it would ask, where, and with which key. */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { fieldOf, isMapping, textIn } from '../../src/json/value.ts';
import type { Answer, Asked, Chains, Configuration } from './case.ts';

interface Candidate {
  readonly provider: string;
  readonly model: string;
}

interface Of {
  readonly cfg: unknown;
  readonly agentId: string;
}

/** What is asked of OpenClaw. */
interface Functions {
  createConfigIO(options: object): {
    readConfigFileSnapshot(): Promise<{
      valid: boolean;
      config: unknown;
      issues: readonly { readonly path: string; readonly message: string }[];
    }>;
  };
  loadGlobalRuntimeDotEnvFiles(options: object): void;
  applyConfigEnvVars(config: unknown, environment: NodeJS.ProcessEnv): void;
  prepareSecretsRuntimeSnapshot(options: object): Promise<{ readonly config: unknown }>;
  activateSecretsRuntimeSnapshot(snapshot: object): void;
  clearSecretsRuntimeSnapshot(): void;
  resolvePluginMetadataSnapshot(options: object): object;
  withPluginMetadataSnapshotScope<T>(snapshot: object, run: () => T, options: object): T;
  listAgentIds(cfg: unknown): readonly string[];
  resolveAgentConfig(cfg: unknown, agentId: string): unknown;
  resolveAgentDir(cfg: unknown, agentId: string): string;
  resolveDefaultModelForAgent(of: Of): Candidate;
  buildModelAliasIndex(of: Of & { readonly defaultProvider: string }): unknown;
  resolveModelRefFromString(
    of: Of & { readonly raw: string; readonly defaultProvider: string; readonly aliasIndex: unknown },
  ): { readonly ref: Candidate } | null;
  resolveEffectiveModelFallbacks(of: Of & { readonly hasSessionModelOverride: boolean }): unknown;
  resolveSubagentConfiguredModelSelection(
    of: Of & { readonly includeAgentPrimary: boolean },
  ): string | undefined;
  resolveSubagentSpawnModelFallbacksOverride(cfg: unknown, agentId: string): unknown;
  resolveModelCandidateChain(
    of: Of & Candidate & { readonly requestedRouteResolution: string; readonly fallbacksOverride: unknown },
  ): readonly Candidate[];
  resolveModelAsync(
    provider: string,
    model: string,
    folder: string,
    cfg: unknown,
    options: object,
  ): Promise<unknown>;
  getApiKeyForModelCore(options: object): Promise<unknown>;
  applyAuthHeaderOverride(model: object, auth: unknown, cfg: unknown): object;
  swapSecretSentinelsInText(text: string): { readonly text: string };
}

const names = [
  'createConfigIO',
  'loadGlobalRuntimeDotEnvFiles',
  'applyConfigEnvVars',
  'prepareSecretsRuntimeSnapshot',
  'activateSecretsRuntimeSnapshot',
  'clearSecretsRuntimeSnapshot',
  'resolvePluginMetadataSnapshot',
  'withPluginMetadataSnapshotScope',
  'listAgentIds',
  'resolveAgentConfig',
  'resolveAgentDir',
  'resolveDefaultModelForAgent',
  'buildModelAliasIndex',
  'resolveModelRefFromString',
  'resolveEffectiveModelFallbacks',
  'resolveSubagentConfiguredModelSelection',
  'resolveSubagentSpawnModelFallbacksOverride',
  'resolveModelCandidateChain',
  'resolveModelAsync',
  'getApiKeyForModelCore',
  'applyAuthHeaderOverride',
  'swapSecretSentinelsInText',
] as const satisfies readonly (keyof Functions)[];

/** Asks the program about configurations, one after another. */
export interface Resolver extends Disposable {
  readonly version: string;
  /** @param home the folder that the texts take for that of OpenClaw */
  resolve(configuration: Configuration, home: string): Promise<Answer>;
}

/** @param folder the folder of its package */
export async function openResolver(folder: string): Promise<Resolver> {
  const home = mkdtempSync(join(tmpdir(), 'daruma-openclaw-models-'));
  const state = join(home, '.openclaw');
  const file = join(state, 'openclaw.json');
  // OpenClaw reads these whenever it looks for its files. It would ask for lists of models in the network.
  const { PATH } = process.env;
  const own = {
    PATH,
    HOME: home,
    OPENCLAW_STATE_DIR: state,
    OPENCLAW_CONFIG_PATH: file,
    OPENCLAW_LOG_LEVEL: 'silent',
  };
  const restore = (variables: Configuration['variables'] = {}) => {
    for (const name of Object.keys(process.env))
      if (!(name in own)) Reflect.deleteProperty(process.env, name);
    Object.assign(process.env, own, variables);
  };
  restore();
  globalThis.fetch = () => Promise.reject(new Error('no network here'));
  const openclaw = await functionsIn(join(folder, 'dist'));
  const version = textIn(JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')), 'version') ?? '';

  const resolve: Resolver['resolve'] = async ({ files, variables }, given) => {
    rmSync(state, { recursive: true, force: true });
    mkdirSync(state);
    for (const [name, text] of Object.entries(files)) {
      mkdirSync(dirname(join(state, name)), { recursive: true });
      writeFileSync(join(state, name), text.replaceAll(given, state), { mode: 0o600 });
    }
    restore(variables);
    openclaw.clearSecretsRuntimeSnapshot();
    openclaw.loadGlobalRuntimeDotEnvFiles({ quiet: true, env: process.env });
    const io = openclaw.createConfigIO({ configPath: file, logger: silent });
    const { valid: isValid, config, issues } = await io.readConfigFileSnapshot();
    if (!isValid) return { refused: said(issues), asked: [], agents: [] };
    openclaw.applyConfigEnvVars(config, process.env);
    const secrets = await openclaw.prepareSecretsRuntimeSnapshot({
      config,
      env: process.env,
      allowUnavailableSecretOwners: true,
    });
    openclaw.activateSecretsRuntimeSnapshot(secrets);
    const { config: cfg } = secrets;
    // As for a turn of an agent: OpenClaw looks for its plugins once, and not for each model again.
    const plugins = openclaw.resolvePluginMetadataSnapshot({
      config: cfg,
      env: process.env,
      workspaceDir: home,
    });
    return openclaw.withPluginMetadataSnapshotScope(plugins, () => answerOf(cfg), {
      config: cfg,
      trustConfigIdentity: true,
    });
  };

  const answerOf = async (cfg: unknown): Promise<Answer> => {
    const asked: Asked[] = [];
    // What is asked for a model does not depend on the agent, whose folder is empty.
    const known = new Map<string, number>();
    const placeOf = async (candidate: Candidate, agentId: string): Promise<number> => {
      const key = `${candidate.provider}\n${candidate.model}`;
      const place = known.get(key);
      if (place !== undefined) return place;
      const request = await elsewhereOr(candidate, cfg, () => requestFor(candidate, agentId, cfg));
      const same = asked.findIndex(each => isDeepStrictEqual(each, request));
      known.set(key, same < 0 ? asked.push(request) - 1 : same);
      return placeOf(candidate, agentId);
    };
    const agents: Chains[] = [];
    for (const agentId of openclaw.listAgentIds(cfg)) {
      const of = { cfg, agentId };
      const chain = async (first: Candidate, fallbacksOverride: unknown): Promise<readonly number[]> => {
        const requested = { ...first, requestedRouteResolution: 'resolved', fallbacksOverride };
        const places: number[] = [];
        for (const candidate of openclaw.resolveModelCandidateChain({ ...of, ...requested }))
          places.push(await placeOf(candidate, agentId));
        return [...new Set(places)];
      };
      const usual = openclaw.resolveDefaultModelForAgent(of);
      const fallbacks = openclaw.resolveEffectiveModelFallbacks({ ...of, hasSessionModelOverride: false });
      const defaultProvider = usual.provider;
      const aliasIndex = openclaw.buildModelAliasIndex({ ...of, defaultProvider });
      const meant = (raw: string | undefined): Candidate | undefined =>
        raw
          ? openclaw.resolveModelRefFromString({ ...of, raw, defaultProvider, aliasIndex })?.ref
          : undefined;
      const entry = openclaw.resolveAgentConfig(cfg, agentId);
      const ofDefaults = fieldOf(fieldOf(cfg, 'agents'), 'defaults');
      const pulse = meant(
        textIn(fieldOf(entry, 'heartbeat') ?? fieldOf(ofDefaults, 'heartbeat'), 'model')?.trim(),
      );
      const child = meant(
        openclaw.resolveSubagentConfiguredModelSelection({ ...of, includeAgentPrimary: false }),
      );
      const ofChild = openclaw.resolveSubagentSpawnModelFallbacksOverride(cfg, agentId) ?? [];
      agents.push({
        id: agentId,
        replies: await chain(usual, fallbacks),
        heartbeat: pulse === undefined ? null : await chain(pulse, fallbacks),
        subagents: child === undefined ? null : await chain(child, ofChild),
      });
    }
    return { refused: null, asked, agents };
  };

  // Of a provider that a configuration does not declare, it can say nothing but its key.
  const elsewhere = new Map<string, Asked>();
  const elsewhereOr = async (
    { provider, model }: Candidate,
    cfg: unknown,
    ask: () => Promise<Asked>,
  ): Promise<Asked> => {
    const declared = Object.keys(fieldOf(fieldOf(cfg, 'models'), 'providers') ?? {});
    if (declared.some(id => id.trim().toLowerCase() === provider.trim().toLowerCase())) return ask();
    const { OPENAI_API_KEY: openai, LITELLM_API_KEY: litellm } = process.env;
    const key = JSON.stringify([provider, model, openai, litellm]);
    const request = elsewhere.get(key) ?? (await ask());
    elsewhere.set(key, request);
    return request;
  };

  const requestFor = async (
    { provider, model }: Candidate,
    agentId: string,
    cfg: unknown,
  ): Promise<Asked> => {
    const agentDir = openclaw.resolveAgentDir(cfg, agentId);
    const answer = await openclaw
      .resolveModelAsync(provider, model, agentDir, cfg, {
        agentId,
        workspaceDir: home,
        skipAgentDiscovery: true,
        allowBundledStaticCatalogFallback: true,
      })
      .catch((error: unknown) => {
        // A header whose secret it does not find: it asks nobody.
        if (error instanceof Error && error.name === 'UnresolvedSecretInputError') return undefined;
        throw error;
      });
    const row = fieldOf(answer, 'model');
    const auth = isMapping(row) ? await authFor(row, agentDir, cfg) : undefined;
    const sent = isMapping(row) ? openclaw.applyAuthHeaderOverride(row, auth, cfg) : undefined;
    const [baseUrl, api] = [textIn(row, 'baseUrl'), textIn(row, 'api')];
    const key = textIn(auth, 'apiKey');
    // Keys in headers are words that OpenClaw replaces when it sends them.
    const headers = Object.entries(fieldOf(sent, 'headers') ?? {}).map(
      ([name, value]) =>
        [name.toLowerCase(), openclaw.swapSecretSentinelsInText(String(value)).text] as const,
    );
    return {
      provider,
      model: textIn(row, 'id') ?? model,
      ...(baseUrl === undefined ? {} : { baseUrl }),
      ...(api === undefined ? {} : { api }),
      ...(key === undefined ? {} : { key }),
      ...(headers.length === 0 ? {} : { headers: Object.fromEntries(headers) }),
    };
  };

  /** Undefined where OpenClaw has no key, and then does not ask. */
  const authFor = async (model: object, agentDir: string, cfg: unknown): Promise<unknown> => {
    try {
      return await openclaw.getApiKeyForModelCore({ model, cfg, agentDir, workspaceDir: home });
    } catch {
      return undefined;
    }
  };
  return { version, resolve, [Symbol.dispose]: () => rmSync(home, { recursive: true, force: true }) };
}

function said(issues: readonly { readonly path: string; readonly message: string }[]): string {
  return (
    issues
      .map(({ path, message }) => `${path}: ${message}`)
      .join('; ')
      .slice(0, 200) || 'refused'
  );
}

const silent = { info() {}, warn() {}, error() {}, debug() {} };

/** Finds exported functions by their names: the names of the files change from version to version. */
async function functionsIn(folder: string): Promise<Functions> {
  const texts = readdirSync(folder)
    .filter(name => name.endsWith('.mjs'))
    .map(name => ({ name, text: readFileSync(join(folder, name), 'utf8') }));
  const found: Record<string, unknown> = {};
  for (const wanted of names) {
    for (const { name, text } of texts.filter(each => each.text.includes(`function ${wanted}(`))) {
      const exported =
        /export \{([^}]*)\};?\s*$/
          .exec(text)?.[1]
          ?.split(',')
          .map(each => each.trim()) ?? [];
      const own = exported.find(each => each === wanted || each.startsWith(`${wanted} as `));
      if (own === undefined) continue;
      const module: Readonly<Record<string, unknown>> = await import(join(folder, name));
      found[wanted] = module[own.split(' as ')[1] ?? wanted];
    }
    if (typeof found[wanted] !== 'function') throw new Error(`this OpenClaw has no ${wanted}()`);
  }
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- functions of a foreign program, each found by its name
  return found as unknown as Functions;
}
