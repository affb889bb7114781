/** What is said below a chain of models. */
import { expect, it } from 'vitest';
import type { LinkReport } from '../../src/failover/live/ask-link.ts';
import { linksOf } from '../../src/failover/live/links-of.ts';
import type { LinkFault } from '../../src/failover/live/link-fault.ts';
import { loadCatalogue } from '../../src/i18n/index.ts';
import { takeInventory } from '../../src/inventory/inventory.ts';
import { renderFailoverStatus } from '../../src/report/failover-status.ts';
import { readPicture } from '../../src/routes/read-picture.ts';
import { openOfflineHost } from '../../src/systemd/host/offline-host.ts';
import { squad } from '../failover/squad.ts';
import { unpackedRoot } from '../support/root.ts';

const host = '127.0.0.1:4000';
const hanging = { code: 'hangs', host, phase: 'headers', afterSeconds: 8, limit: 'missing' } as const;
const refused = {
  code: 'unreachable',
  host,
  how: 'refused',
  detail: '',
  isOwnMachine: false,
} as const satisfies LinkFault;
const noFallback =
  '→ as long as litellm/a hangs, OpenClaw does not fall back: the agent waits, and then fails';

it.each<[first: LinkFault | undefined, second: LinkFault | undefined, lines: readonly string[]]>([
  [undefined, undefined, []],
  [undefined, refused, ['→ nobody would be next']],
  [refused, undefined, ['→ remote/a alone is alive; nobody would be next']],
  [hanging, undefined, [noFallback, '→ remote/a alone is alive; nobody would be next']],
  [hanging, refused, [noFallback, '→ none of these would answer']],
  [undefined, hanging, ['→ nobody would be next']],
  [refused, hanging, ['→ none of these would answer']],
])('says of a chain who answers, and whether OpenClaw gets there: %j, %j', async (first, second, lines) => {
  const text = await statusWith(first, second);
  expect(text.split('\n').flatMap(line => /→ .*/.exec(line)?.[0] ?? [])).toEqual(lines);
});

it.each([
  ['', 'models.providers.remote.apiKey'],
  ["apiKey: 'sk-of-kuma-0123',", '/home/neko/.openclaw/openclaw.json'],
])('says where a key stands that is refused: %j', async (apiKey, place) => {
  const keyRefused = { code: 'key-refused', host: 'kuma.example.com', status: 401 } as const;
  const text = await statusWith(undefined, keyRefused, apiKey);
  expect(text.replaceAll(/\/tmp\/daruma-root-\w+/g, '')).toContain(
    `→ The key of remote is refused. It stands in ${place}. The right one is`,
  );
  expect(text).not.toContain('sk-of-kuma');
});

async function statusWith(
  first: LinkFault | undefined,
  second: LinkFault | undefined,
  apiKey = '',
): Promise<string> {
  const model = "models: [{ id: 'a', name: 'A' }]";
  const root = unpackedRoot(
    squad(`{ models: { providers: {
      litellm: { baseUrl: 'http://127.0.0.1:4000/v1', ${model} },
      remote: { baseUrl: 'https://kuma.example.com/v1', ${apiKey} ${model} },
    } }, agents: { defaults: { model: { primary: 'litellm/a', fallbacks: ['remote/a'] } } } }`),
  );
  const inventory = await takeInventory(openOfflineHost({ root, scope: 'user' }));
  const picture = await readPicture(inventory, []);
  const { links } = linksOf(picture, {
    host: inventory.host,
    environmentOf: () => undefined,
    authoritiesOf: () => [],
    probeOf: () => '',
    environment: {},
  });
  const providers = links.map((link): LinkReport => {
    const fault = link.name === 'litellm' ? first : second;
    const faults = fault === undefined ? [] : [fault];
    return {
      link,
      faults,
      latencySeconds: 0.1,
      asked: 'models',
      certificate: null,
      modelCount: 1,
      deployments: null,
    };
  });
  const answers = { proxies: new Map(), nodes: new Map(), downGateways: new Set<string>(), providers };
  return renderFailoverStatus(
    { picture, answers, findings: [], host: inventory.host },
    await loadCatalogue('en'),
    { columns: 200, color: false, unicode: true },
    { workingDirectory: '/', home: undefined },
  );
}
