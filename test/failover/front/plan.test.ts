/** The plan of a front, on unpacked systems: the seed's two machines, seen from one of them. */
import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { checkInventory } from '../../../src/check/engine.ts';
import { defaultPolicy } from '../../../src/check/policy.ts';
import {
  type FrontPlan,
  type FrontOptions,
  type NoFront,
  planFront,
} from '../../../src/failover/front/plan.ts';
import { movesCommand } from '../../../src/notify/sign-script.ts';
import { planFailover } from '../../../src/failover/plan.ts';
import { en } from '../../../src/i18n/en/index.ts';
import { takeInventory } from '../../../src/inventory/inventory.ts';
import type { Picture } from '../../../src/routes/picture.ts';
import { circlesOf, waysOut } from '../../../src/routes/circles.ts';
import type { Node } from '../../../src/routes/node.ts';
import { readPicture } from '../../../src/routes/read-picture.ts';
import { openOfflineHost } from '../../../src/systemd/host/offline-host.ts';
import { applyPreparedFix, prepareFix } from '../../../src/transaction/apply.ts';
import { Journal } from '../../../src/transaction/journal.ts';
import { type Tree, unpackedRoot } from '../../support/root.ts';
import { squad } from '../squad.ts';

const authorities = { 'etc/ssl/certs/ca-certificates.crt': '' };

function node(name: string, url = `https://${name}.example.com/litellm`): Node {
  return { name, url, key: `${name}-key`, source: null };
}

const two = [node('neko'), node('kuma')];

const keys: FrontOptions['keyOf'] = reference => `sk-the-${reference}`;

const noting: FrontOptions['movesCommand'] = places =>
  movesCommand('/home/neko/.local/state/daruma/spool', places);

async function pictureIn(root: string, nodes = two) {
  const host = openOfflineHost({ root, scope: 'user' });
  const picture = await readPicture(await takeInventory(host), nodes);
  return { host, picture };
}

function planIn(
  host: ReturnType<typeof openOfflineHost>,
  picture: Picture,
  options: Partial<FrontOptions> = {},
) {
  const { node: own } = picture;
  if (own === undefined) throw new Error('the machine is none of the nodes');
  return planFront({ ...picture, node: own }, host, {
    haproxy: '/usr/sbin/haproxy',
    askedWith: [],
    keyOf: keys,
    authorities: [],
    movesCommand: undefined,
    isSocketOn: false,
    texts: en.failover.front.units,
    ...options,
  });
}

async function planned(
  tree: Tree = {},
  nodes = two,
  options: Partial<FrontOptions> = {},
): Promise<FrontPlan> {
  const { host, picture } = await pictureIn(unpackedRoot({ ...squad(), ...authorities, ...tree }), nodes);
  const plan = planIn(host, picture, options);
  if ('refused' in plan) throw new Error(plan.refused.code);
  return plan;
}

async function refusal(
  tree: Tree,
  nodes = two,
  options: Partial<FrontOptions> = {},
): Promise<NoFront | undefined> {
  const { host, picture } = await pictureIn(unpackedRoot(tree), nodes);
  const plan = planIn(host, picture, options);
  return 'refused' in plan ? plan.refused : undefined;
}

function textOf({ files }: FrontPlan, name: string): string {
  const state = [...files].find(([file]) => path.posix.basename(file) === name)?.[1];
  return state?.kind === 'file' ? state.content.toString('utf8') : '';
}

/** Writes a front and what the gateway needs with it, as an apply does. */
async function applied(root: string): Promise<void> {
  const { host, picture } = await pictureIn(root);
  const front = planIn(host, picture);
  if ('refused' in front) throw new Error(front.refused.code);
  const journal = new Journal(unpackedRoot({}));
  const { plan } = await planFailover(picture, keys, host, journal, front);
  await applyPreparedFix(prepareFix(plan, { units: [], restarted: [] }, host), host, journal, new Date());
}

describe('the front of a machine', () => {
  it('is HAProxy before its LiteLLM, with the other machine behind it', async () => {
    const plan = await planned();
    await expect(textOf(plan, 'front.cfg')).toMatchFileSnapshot('golden/front.cfg');
    await expect(textOf(plan, 'daruma-front.service')).toMatchFileSnapshot('golden/daruma-front.service');
    await expect(textOf(plan, 'daruma-front.socket')).toMatchFileSnapshot('golden/daruma-front.socket');
    expect(plan).toMatchObject({ url: 'http://127.0.0.1:4010', local: 'litellm.service', notes: [] });
  });

  it('notes which machine answers where somebody is told, and starts nothing else for it', async () => {
    const plan = await planned({}, two, { movesCommand: noting });
    for (const name of ['daruma-front-moves.socket', 'daruma-front-moves.service'])
      await expect(textOf(plan, name)).toMatchFileSnapshot(`golden/${name}`);
    expect(textOf(plan, 'front.cfg')).toContain(`backend answer
  log "\${RUNTIME_DIRECTORY}/../daruma-front-moves" len 1024 format iso daemon notice
`);
    const without = await planned();
    expect(textOf(plan, 'daruma-front.service')).toBe(textOf(without, 'daruma-front.service'));
    expect(plan.steps).toEqual([
      { kind: 'daemon-reload' },
      ...['daruma-front-moves.socket', 'daruma-front.socket', 'daruma-front.service'].map(unit => ({
        kind: 'start',
        unit,
      })),
    ]);
    expect([...without.files.keys()].filter(file => file.includes('moves'))).toEqual([]);
  });

  it('keeps keys in a file of their own, which only its owner reads', async () => {
    const plan = await planned();
    expect(textOf(plan, 'keys.cfg').split('\n').slice(1)).toEqual([
      'global',
      "  setenv DARUMA_FRONT_1_API_KEY 'sk-the-kuma-key'",
      "  setenv DARUMA_FRONT_OWN_1_API_KEY 'sk-the-neko-key'",
      '',
    ]);
    for (const [file, state] of plan.files) {
      const hasKeys = state.kind === 'file' && state.content.includes('sk-the');
      expect([file, hasKeys && 'mode' in state ? state.mode : undefined]).toEqual([
        file,
        path.posix.basename(file) === 'keys.cfg' ? 0o600 : undefined,
      ]);
    }
  });

  it('is used with the keys that gateways ask the LiteLLM with, and with no other', async () => {
    const plan = await planned({}, two, {
      askedWith: [
        { proxy: 'litellm.service', key: 'sk-virtual' },
        { proxy: 'ollama.service', key: 'ollama-local' },
        { proxy: undefined, key: 'sk-of-kuma' },
      ],
    });
    expect(textOf(plan, 'keys.cfg').match(/OWN_.*/g)).toEqual([
      "OWN_1_API_KEY 'sk-the-neko-key'",
      "OWN_2_API_KEY 'sk-virtual'",
    ]);
  });

  it('asks three machines in their order', async () => {
    const nodes = [node('kuma'), node('neko'), node('usagi')];
    const text = textOf(await planned({}, nodes), 'front.cfg');
    expect(text.match(/^ {2}server .*? /gm)?.map(line => line.trim().split(' ')[1])).toEqual([
      'local',
      'node-kuma',
      'node-usagi',
      'last-node-kuma',
      'last-node-usagi',
      'local',
      'node-kuma',
      'node-kuma',
      'node-usagi',
      'node-usagi',
    ]);
    expect(text).toContain('\n  retries 2\n');
  });

  it('asks no name server for a name that the machine itself knows', async () => {
    const text = textOf(await planned({ 'etc/hosts': '192.0.2.7 kuma.example.com\n' }), 'front.cfg');
    expect(text).not.toContain('resolvers');
    expect(text).toMatch(/server node-kuma kuma\.example\.com:443 .* init-addr last,libc,none$/m);
  });

  it('trusts what gateways trust', async () => {
    const plan = await planned({}, two, { authorities: ['/srv/ca.pem'] });
    // HAProxy takes one file, and of each file of a folder only the first certificate.
    const together = `/bin/sh -c 'for file; do cat "$file"; echo; done >"$DARUMA_FRONT_AUTHORITIES"' sh /etc/ssl/certs/ca-certificates.crt /srv/ca.pem`;
    const unit = textOf(plan, 'daruma-front.service');
    for (const line of [`ExecStartPre=${together}`, `ExecReload=${together}`]) expect(unit).toContain(line);
    expect(unit).toContain('DARUMA_FRONT_AUTHORITIES=%t/daruma-front/authorities.pem\n');
    expect(textOf(plan, 'front.cfg')).toContain('ca-file "${DARUMA_FRONT_AUTHORITIES}" ');
  });

  it('says how it gets hooks where other services have some', async () => {
    const hooks = (unit: string) => ({
      [`home/neko/.config/systemd/user/${unit}.d/zz-daruma.notify.conf`]: '[Unit]\n',
    });
    expect((await planned(hooks('litellm.service'))).notes).toEqual([
      { code: 'no-hooks', unit: 'daruma-front.service' },
    ]);
    const both = { ...hooks('litellm.service'), ...hooks('daruma-front.service') };
    expect((await planned(both)).notes).toEqual([]);
  });

  it('names what HAProxy cannot compare with a certificate', async () => {
    const { notes } = await planned({}, [node('neko'), node('kuma', 'https://192.0.2.7')]);
    expect(notes).toEqual([{ code: 'address', node: 'kuma' }]);
  });

  it.each<[string, Tree, Partial<FrontOptions>, NoFront]>([
    [
      'without a LiteLLM',
      { ...squad(), 'home/neko/.config/systemd/user/litellm.service': '' },
      {},
      { code: 'no-litellm' },
    ],
    [
      'without a key',
      { ...squad(), ...authorities },
      { keyOf: () => undefined },
      { code: 'front-key', node: 'neko', reference: 'neko-key' },
    ],
    ['without certificate authorities', squad(), {}, { code: 'no-authorities' }],
  ])('is none %s', async (_, tree, options, expected) => {
    expect(await refusal(tree, two, options)).toEqual(expected);
  });
});

describe('a front that is there', () => {
  const applyingTo = async (change: (folder: string) => void = () => {}) => {
    const root = unpackedRoot({ ...squad(), ...authorities });
    await applied(root);
    change(path.join(root, 'home/neko/.config/daruma/front'));
    const { host, picture } = await pictureIn(root);
    return { host, picture };
  };

  it('is asked in place of the LiteLLM, which is behind it', async () => {
    const { picture } = await applyingTo();
    const [gateway] = picture.gateways;
    const provider = gateway?.providers.find(({ id }) => id === 'litellm');
    expect(provider?.baseUrl).toBe('http://127.0.0.1:4010/v1');
    expect(provider?.leadsTo).toEqual({ kind: 'proxy', name: 'daruma-front.service' });
    const front = picture.proxies.find(({ service }) => service === 'front');
    expect(front?.deployments.map(({ leadsTo }) => leadsTo)).toMatchObject([
      { kind: 'proxy', name: 'litellm.service' },
      { kind: 'node', node: 'kuma' },
    ]);
  });

  it('needs nothing more', async () => {
    const { host, picture } = await applyingTo();
    expect(planIn(host, picture)).toMatchObject({ files: new Map(), steps: [], restarts: [], notes: [] });
    const { plan } = await planFailover(picture, keys, host, new Journal(unpackedRoot({})));
    expect([...plan.files.keys()]).toEqual([]);
  });

  it('reads a key that has changed, and loses no request', async () => {
    const { host, picture } = await applyingTo();
    const plan = planIn(host, picture, { keyOf: reference => `sk-newer-${reference}` });
    if ('refused' in plan) throw new Error(plan.refused.code);
    expect([...plan.files.keys()]).toEqual(['/home/neko/.config/daruma/front/keys.cfg']);
    expect(plan.steps.at(-1)).toEqual({ kind: 'reload', unit: 'daruma-front.service' });
    expect(plan.restarts).toEqual([]);
  });

  it('that tells nobody yet reads that it is to, and loses no request', async () => {
    const { host, picture } = await applyingTo();
    expect(planIn(host, picture, { movesCommand: noting })).toMatchObject({
      steps: [
        { kind: 'daemon-reload' },
        { kind: 'start', unit: 'daruma-front-moves.socket' },
        { kind: 'reload', unit: 'daruma-front.service' },
      ],
      restarts: [],
    });
  });

  it('is restarted for another unit, since its socket keeps what comes meanwhile', async () => {
    const { host, picture } = await applyingTo();
    const plan = planIn(host, picture, { haproxy: '/opt/haproxy' });
    expect(plan).toMatchObject({ restarts: ['daruma-front.service'] });
  });

  it('keeps what a person has edited, and says so', async () => {
    const { host, picture } = await applyingTo(folder =>
      fs.appendFileSync(path.join(folder, 'front.cfg'), '# mine\n'),
    );
    expect(planIn(host, picture)).toMatchObject({
      files: new Map(),
      notes: [{ code: 'edited', file: '/home/neko/.config/daruma/front/front.cfg' }],
    });
  });

  it('has its files written anew where they are gone, and says that an undo takes them away again', async () => {
    const { host, picture } = await applyingTo(folder => fs.rmSync(path.join(folder, 'front.cfg')));
    const plan = planIn(host, picture);
    const file = '/home/neko/.config/daruma/front/front.cfg';
    expect(plan).toMatchObject({ notes: [{ code: 'missing', file }], url: 'http://127.0.0.1:4010' });
    expect('files' in plan && [...plan.files.keys()]).toEqual([file]);
  });

  it('keeps the port of its socket where that is all that is left of it', async () => {
    const root = unpackedRoot({ ...squad(), ...authorities });
    await applied(root);
    const units = path.join(root, 'home/neko/.config/systemd/user');
    fs.rmSync(path.join(units, 'daruma-front.service'));
    const socket = path.join(units, 'daruma-front.socket');
    fs.writeFileSync(socket, fs.readFileSync(socket, 'utf8').replace(':4010', ':4017'));
    const { host, picture } = await pictureIn(root);
    expect(planIn(host, picture, { isSocketOn: true })).toMatchObject({ url: 'http://127.0.0.1:4017' });
    expect(planIn(host, picture)).toMatchObject({ url: 'http://127.0.0.1:4010' });
  });

  it('reads what a person has edited since it read it, and nothing that is older', async () => {
    const { host, picture } = await applyingTo(folder =>
      fs.appendFileSync(path.join(folder, 'front.cfg'), '# mine\n'),
    );
    const reload = [{ kind: 'reload', unit: 'daruma-front.service' }];
    for (const [forSeconds, steps] of [
      [3600, reload],
      [0, []],
    ] as const)
      expect(planIn(host, picture, { now: { forSeconds, servers: [] } })).toMatchObject({
        files: new Map(),
        steps,
      });
  });

  it('is critical where others may read its keys', async () => {
    const { host } = await applyingTo(folder => fs.chmodSync(path.join(folder, 'keys.cfg'), 0o644));
    const found: string[] = [];
    const inventory = await takeInventory(host);
    for await (const { findings } of checkInventory(inventory, inventory.ownServices(), defaultPolicy))
      found.push(
        ...findings.flatMap(({ rule, details }) =>
          rule === 'secret-file-readable' ? JSON.stringify(details) : [],
        ),
      );
    expect(found).toEqual([
      expect.stringContaining('"keys":["DARUMA_FRONT_1_API_KEY","DARUMA_FRONT_OWN_1_API_KEY"]'),
    ]);
  });

  it('is no way out of a LiteLLM, and a LiteLLM that leads to it is a circle', async () => {
    const { picture } = await applyingTo();
    expect(waysOut(picture, [])).toEqual([]);
    expect(circlesOf(picture, [], () => {})).toEqual([]);
    const config = `model_list:
  - model_name: opus
    litellm_params: {model: openai/opus, api_base: "http://127.0.0.1:4010/v1"}
`;
    const root = unpackedRoot({
      ...squad(),
      ...authorities,
      'home/neko/.config/systemd/user/litellm.service':
        '[Service]\nExecStart=/usr/bin/litellm --port 4000 --config %h/litellm.yaml\n',
      'home/neko/litellm.yaml': config,
    });
    await applied(root);
    const { picture: looped } = await pictureIn(root);
    const [circle] = circlesOf(looped, [], () => {});
    expect(circle?.steps.map(({ proxy, model }) => `${proxy} ${model}`).toSorted()).toEqual([
      'daruma-front.service opus',
      'litellm.service opus',
    ]);
  });
});
