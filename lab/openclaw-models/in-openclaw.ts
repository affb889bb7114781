/** Asks OpenClaw's own functions, in this process, which models it would ask. */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fieldOf, textIn } from '../../src/json/value.ts';
import type { Asked, Configuration, Resolved } from './case.ts';

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
  createConfigIO(options: object): { readConfigFileSnapshot(): Promise<{ valid: boolean; config: unknown }> };
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
}

const names = [
  'createConfigIO',
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
] as const satisfies readonly (keyof Functions)[];

/** @param folder the folder of its package */
export async function openResolver(folder: string): Promise<{
  resolve(configuration: Configuration): Promise<Resolved>;
  readonly [Symbol.dispose]: () => void;
}> {
  const home = mkdtempSync(join(tmpdir(), 'daruma-openclaw-models-'));
  const state = join(home, '.openclaw');
  const file = join(state, 'openclaw.json');
  mkdirSync(state);
  // OpenClaw reads these whenever it looks for its files.
  Object.assign(process.env, { HOME: home, OPENCLAW_STATE_DIR: state, OPENCLAW_CONFIG_PATH: file });
  const openclaw = await functionsIn(join(folder, 'dist'));
  const version = textIn(JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')), 'version') ?? '';

  const resolve = async (configuration: Configuration): Promise<Resolved> => {
    for (const [name, text] of Object.entries(configuration.files)) writeFileSync(join(state, name), text);
    for (const name of ['BASE', 'REFERENCE', 'NAME']) delete process.env[name];
    Object.assign(process.env, configuration.variables);
    const io = openclaw.createConfigIO({ configPath: file, logger: silent });
    const { valid: isValid, config: cfg } = await io.readConfigFileSnapshot();
    const agents: Resolved['agents'][number][] = [];
    for (const agentId of isValid ? openclaw.listAgentIds(cfg) : []) {
      const of = { cfg, agentId };
      const asked = async (first: Candidate, fallbacksOverride: unknown): Promise<readonly Asked[]> => {
        const requested = { ...first, requestedRouteResolution: 'resolved', fallbacksOverride };
        const found: Asked[] = [];
        for (const { provider, model } of openclaw.resolveModelCandidateChain({ ...of, ...requested })) {
          const answer = await openclaw.resolveModelAsync(
            provider,
            model,
            openclaw.resolveAgentDir(cfg, agentId),
            cfg,
            {
              agentId,
              workspaceDir: home,
              skipAgentDiscovery: true,
              allowBundledStaticCatalogFallback: true,
            },
          );
          const row = fieldOf(answer, 'model');
          found.push({
            provider,
            model: textIn(row, 'id') ?? model,
            baseUrl: textIn(row, 'baseUrl') ?? null,
          });
        }
        return found;
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
        replies: await asked(usual, fallbacks),
        heartbeat: pulse === undefined ? null : await asked(pulse, fallbacks),
        subagents: child === undefined ? null : await asked(child, ofChild),
      });
    }
    return { ...configuration, version, isValid, agents };
  };
  return { resolve, [Symbol.dispose]: () => rmSync(home, { recursive: true, force: true }) };
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
