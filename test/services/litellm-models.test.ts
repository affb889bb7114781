/**
 * What LiteLLM asks for a name, as daruma understands its configuration, against what the real program did with the same files:
 * `litellm-models.jsonl` was recorded by `lab/litellm-models/main.ts`.
 */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Failure, Question, Recorded, Recording, Sent } from '../../lab/litellm-models/case.ts';
import { nodeAt, scalarOf } from '../../src/services/config-node.ts';
import {
  type LitellmConfig,
  type LitellmDeployment,
  type LitellmFallback,
  readLitellmConfig,
} from '../../src/services/litellm-config.ts';
import { isGiven } from '../../src/services/litellm-refusals.ts';
import { attemptsOf } from '../../src/services/litellm-attempts.ts';
import { type KeyState, masterKeyOf, permitsWeakKey } from '../../src/services/litellm-key.ts';
import { litellmProviders } from '../../src/services/litellm-providers.ts';
import {
  type Chosen,
  type LitellmRouter,
  litellmRouter,
  type Route,
} from '../../src/services/litellm-router.ts';
import { programOf } from './program.ts';
import { textFiles } from '../support/text-files.ts';

const folder = '/home/neko/litellm';

function read({ files, variables }: Pick<Question, 'files' | 'variables'>): LitellmConfig {
  return readLitellmConfig(`${folder}/config.yaml`, {
    files: textFiles(file => files[path.posix.relative(folder, file)]),
    variable: name => variables[name],
    isComplete: true,
  });
}

function readRecording(): Recording {
  const [head = '', ...lines] = readFileSync(path.join(import.meta.dirname, 'litellm-models.jsonl'), 'utf8')
    .split('\n')
    .filter(Boolean);
  return { ...JSON.parse(head), cases: lines.map((line): Recorded => JSON.parse(line)) };
}

const { version, providers, cases } = readRecording();
const failures = ['error', 'context', 'policy'] as const satisfies readonly Failure[];

describe('what LiteLLM would ask is what daruma says of it', () => {
  it('has cases', () => {
    expect(version).toBe('1.108.7');
    expect(cases.length).toBeGreaterThanOrEqual(790);
  });

  it('the providers that it knows', () => {
    expect([...litellmProviders].toSorted()).toEqual(providers.toSorted());
  });

  it('the models of each name, with what they fall back to', () => {
    let unclear = 0;
    const compared = cases.flatMap(recorded => {
      const config = read(recorded);
      return Object.entries(recorded.asked ?? {}).flatMap(([name, answers]) =>
        failures.flatMap(failure => {
          const { requests } = answers[failure] ?? answers.error;
          const walk = new Walk(config, failure);
          const said = walk.from(name);
          if (!walk.isCertain) {
            unclear += 1;
            return [];
          }
          const real = requests.map(each => madeOf(each));
          return [{ name, failure, recorded, said: unique(said.map(expectedOf)), real: unique(real) }];
        }),
      );
    });
    expect(compared.length).toBeGreaterThan(10_000);
    expect(unclear / compared.length).toBeLessThan(0.2);
    expect(compared.filter(({ said, real }) => said.join('\n') !== real.join('\n'))).toEqual([]);
  });

  it('the names that one request comes to, in their order', () => {
    const compared = cases.flatMap(recorded => {
      const config = read(recorded);
      const router = litellmRouter(config);
      return Object.entries(recorded.asked ?? {}).flatMap(([name, answers]) => {
        const route = router.route(name);
        if (route === undefined) return [];
        const attempts = [...attemptsOf(name, route, router, config.mostFallbacks, ['error'])];
        if (!attempts.every(each => each.route.isCertain)) return [];
        const said = attempts.flatMap(each => each.route.levels.flat()).map(expectedOf);
        const real = answers.error.requests.map(each => madeOf(each));
        return [{ name, recorded, said: unique(said), real: unique(real) }];
      });
    });
    expect(compared.length).toBeGreaterThan(3_000);
    expect(compared.filter(({ said, real }) => said.join('\n') !== real.join('\n'))).toEqual([]);
  });
});

it('whether LiteLLM starts, and with which master key, is what daruma finds', () => {
  const states = {
    // A variable that is not set here may be in a `.env`.
    not_set: [undefined, 'empty', 'unknown'],
    empty: ['empty'],
    publicly_known: ['public'],
  } as const satisfies Readonly<Record<string, readonly (KeyState | undefined)[]>>;
  const proxy = programOf('/bin/litellm --config config.yaml');
  const wrong = cases.filter(recorded => {
    const { start } = recorded;
    const config = read(recorded);
    const program = { ...proxy, variable: (name: string) => recorded.variables[name] };
    const state = masterKeyOf(program, config)?.state;
    if ('fails' in start) return config.problems.length === 0 && state !== 'number';
    const isRefused = state !== 'key' && !permitsWeakKey(program, config);
    const expected: readonly (KeyState | undefined)[] = start.weak === null ? ['key'] : states[start.weak];
    return config.problems.length > 0 || !expected.includes(state) || isRefused !== start.refuses;
  });
  expect(wrong).toEqual([]);
});

/** Goes the way of a request of which every attempt fails, as the router's own loop does (`run_async_fallback()`). */
class Walk {
  /** False when it depends on LiteLLM's table of models what happens. */
  isCertain = true;
  readonly #router: LitellmRouter<LitellmDeployment>;
  /** What the fallbacks are for; those of a setting that is not there are the usual ones. */
  readonly #failure: Failure;
  /** Other failures do not lead to deployments with a higher order. */
  readonly #hasOrders: boolean;
  readonly #mostFallbacks: number;
  readonly #attempted = new Set<string>();
  readonly #sent: Chosen<LitellmDeployment>[] = [];
  #original: Route<LitellmDeployment> | undefined;

  constructor(config: LitellmConfig, failure: Failure) {
    this.#router = litellmRouter(config);
    this.#mostFallbacks = config.mostFallbacks;
    this.#failure = isSet(settings[failure][0], config) ? failure : 'error';
    this.#hasOrders = failure === 'error';
  }

  from(name: string): readonly Chosen<LitellmDeployment>[] {
    this.#original = this.#router.route(name);
    if (this.#original !== undefined) this.#go(name, this.#original, 0);
    return this.#sent;
  }

  #go(name: string, route: Route<LitellmDeployment>, depth: number): void {
    this.#attempted.add(name);
    if (!route.isCertain) this.isCertain = false;
    const [first = [], ...later] = route.levels;
    this.#send(first);
    // The models that an entry falls back to by itself leave an error of no kind.
    const isPlain = first.at(-1)?.deployment.isOwnFallback === true || first.length === 0;
    const failure = isPlain ? 'error' : this.#failure;
    const orders = isPlain || this.#hasOrders ? later : [];
    for (const [index, level] of orders.entries()) {
      this.#send(level);
      // Each level is a fallback of its own, which may fail otherwise than the one before it.
      const isOwn = level.at(-1)?.deployment.isOwnFallback === true;
      if (failure === 'error' && !isOwn && this.#failure !== 'error') {
        this.#follow(route, this.#failure, depth + index + 1);
      }
    }
    this.#follow(route, failure, depth, orders.length);
  }

  #follow(route: Route<LitellmDeployment>, failure: Failure, depth: number, before = 0): void {
    if (depth >= this.#mostFallbacks) return;
    let tried = depth + before;
    for (const target of chainOf(route, failure, this.#original)) {
      if (this.#attempted.has(target)) continue;
      tried += 1;
      this.#go(target, this.#router.continued(target, route.isOfModel), tried);
    }
  }

  #send(level: readonly Chosen<LitellmDeployment>[]): void {
    this.#sent.push(...level);
  }
}

const settings: Readonly<Record<Failure, readonly LitellmFallback['kind'][]>> = {
  error: ['fallbacks', 'default_fallbacks'],
  context: ['context_window_fallbacks'],
  policy: ['content_policy_fallbacks'],
};

function isSet(kind: string | undefined, { root }: LitellmConfig): boolean {
  const general = nodeAt(root, 'litellm_settings', kind ?? '');
  return (
    isGiven(nodeAt(root, 'router_settings', kind ?? '')) ||
    (general !== undefined && scalarOf(general) !== null)
  );
}

function chainOf(
  { fallbacks }: Route<LitellmDeployment>,
  failure: Failure,
  original: Route<LitellmDeployment> | undefined,
): readonly string[] {
  const own = fallbacks.find(({ kind }) => settings[failure].includes(kind));
  const first = original?.fallbacks.find(({ kind }) => settings[failure].includes(kind));
  return (own?.from === null && first && first.from !== null ? first : (own ?? first))?.to ?? [];
}

function expectedOf({ deployment: { apiBase, key }, model }: Chosen<LitellmDeployment>): string {
  return [model, placeOf(apiBase), key].join(' ');
}

function madeOf({ url, model, key }: Sent): string {
  return [model, placeOf(url), kindOf(key)].join(' ');
}

function kindOf(key: string | null): LitellmDeployment['key'] {
  if (key?.startsWith('sk-literal') || key === 'sk-credential') return 'literal';
  // Without a key of the configuration, a provider takes that of its own variable.
  return key === 'sk-of-a-variable' ? 'variable' : 'none';
}

/** Where an address leads: all drawn ones are on this machine or on kuma. */
function placeOf(address: string | undefined): string {
  const url = address === undefined ? undefined : URL.parse(address);
  if (url === null) return 'nowhere';
  return url && /^(?:127\.|localhost$|kuma\.)/.test(url.hostname) ? url.host : 'elsewhere';
}

function unique(texts: readonly string[]): readonly string[] {
  return [...new Set(texts)];
}
