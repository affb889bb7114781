/**
 * A fixture is a folder of real files, `rules/RULE/fires/NAME` or `rules/RULE/silent/NAME`: a folder of unit files, a
 * home (with `.config/systemd/user/`) or a root (with `home/`). Beside it may lie `NAME.json`, see
 * {@link fixtureOptions}. A root may hold other machines that are looked at together with it: `machines/NAME`, roots
 * themselves. The configuration of each counts (`.config/daruma/config.yaml`).
 */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { onTestFinished } from 'vitest';
import { z } from 'zod';
import { checkInventory, type CheckResult } from '../../src/check/engine.ts';
import type { RuleId } from '../../src/check/finding.ts';
import { type CheckPolicy, defaultPolicy, defaultUnitPolicy } from '../../src/check/policy.ts';
import type { Severity } from '../../src/check/severity.ts';
import { hostPolicy } from '../../src/config/host-policy.ts';
import { configurationPlace, configurationPlaces } from '../../src/config/lookup.ts';
import { readConfiguration } from '../../src/config/read.ts';
import type { Catalogue } from '../../src/i18n/catalogue.ts';
import { type Inventory, takeInventory } from '../../src/inventory/inventory.ts';
import { renderSubject } from '../../src/report/findings/human.ts';
import { subjectsOf } from '../../src/report/findings/subjects.ts';
import type { Picture } from '../../src/routes/picture.ts';
import { readPicture } from '../../src/routes/read-picture.ts';
import { folderKind, openFolder } from '../../src/systemd/host/offline-host.ts';

const rulesFolder = path.join(import.meta.dirname, 'rules');

const fixtureOptions = z.strictObject({
  /** systemd's major version. */
  systemd: z.number().default(257),
  scope: z.enum(['user', 'system']).default('user'),
  /** Permission bits by path: git keeps only the executable one. */
  modes: z.record(z.string(), z.string().regex(/^[0-7]{3,4}$/)).default({}),
  /** Symlinks that lead out of the fixture or to nothing, by path. */
  links: z.record(z.string(), z.string()).default({}),
  /** The services to judge, where they are not the user's own. */
  services: z.array(z.string()).optional(),
  /** Units whose hangs are noticed by a probe. */
  probed: z.array(z.string()).default([]),
});

export interface Fixture {
  readonly name: string;
  readonly folder: string;
  readonly options: z.infer<typeof fixtureOptions>;
}

/** The fixtures of a rule in the order of their names. */
export function fixturesOf(rule: string, kind: 'fires' | 'silent'): readonly Fixture[] {
  const parent = path.join(rulesFolder, rule, kind);
  if (!fs.existsSync(parent)) return [];
  return fs
    .readdirSync(parent, { withFileTypes: true })
    .filter(entry => entry.isDirectory())
    .map(({ name }) => {
      const folder = path.join(parent, name);
      const file = `${folder}.json`;
      const written: unknown = fs.existsSync(file) ? JSON.parse(fs.readFileSync(file, 'utf8')) : {};
      return { name, folder, options: fixtureOptions.parse(written) };
    })
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

interface OpenFixture {
  /** A copy, gone after the test. */
  readonly folder: string;
  readonly inventory: Inventory;
  /** The services to judge. */
  readonly names: readonly string[];
  readonly policy: CheckPolicy;
}

/**
 * A fixture as daruma sees it; the caller closes its host.
 *
 * @param isWritable whether a folder of units becomes the home of a user, where daruma can write for them
 */
export async function openFixture(fixture: Fixture, isWritable = false): Promise<OpenFixture> {
  const folder = unpacked(fixture);
  if (isWritable && fixture.options.scope === 'user' && folderKind(folder) === 'units') moveIntoHome(folder);
  const { scope, systemd, probed, services } = fixture.options;
  const inventory = await takeInventory(openFolder(folder, { scope, systemdVersion: systemd }));
  const own = folderKind(folder) === 'units' ? inventory.servicesIn(folder) : inventory.ownServices();
  const units = new Map(probed.map(name => [name, { ...defaultUnitPolicy, isProbed: true }]));
  const { nodes, hasChannels, secretFiles } = configured(inventory);
  const policy: CheckPolicy = { ...defaultPolicy, units, nodes, hasChannels, secretFiles };
  return { folder, inventory, names: services ?? own, policy };
}

/** What a rule says of a fixture, in every catalogue given; `count` findings of it, as severe as they are. */
export async function judge(
  rule: RuleId,
  fixture: Fixture,
  catalogues: readonly Catalogue[],
): Promise<{
  readonly count: number;
  readonly severities: ReadonlySet<Severity>;
  readonly texts: readonly string[];
}> {
  const { folder, inventory, names, policy } = await openFixture(fixture);
  const others = await otherMachines(folder, fixture.options.systemd);
  const texts = catalogues.map(() => '');
  const severities = new Set<Severity>();
  let count = 0;
  for await (const result of checkInventory(inventory, names, policy, others)) {
    const findings = result.findings.filter(finding => finding.rule === rule);
    count += findings.length;
    for (const { severity } of findings) severities.add(severity);
    catalogues.forEach((catalogue, index) => {
      texts[index] += shown({ ...result, findings }, inventory, catalogue, folder).replaceAll(folder, '');
    });
  }
  await inventory.host[Symbol.asyncDispose]();
  return { count, severities, texts };
}

/** Of the machines that lie in a fixture. */
async function otherMachines(folder: string, systemdVersion: number): Promise<readonly Picture[]> {
  const parent = path.join(folder, 'machines');
  const names = fs.existsSync(parent) ? fs.readdirSync(parent).sort() : [];
  const pictures: Picture[] = [];
  for (const name of names) {
    const machine = path.join(parent, name);
    makeRoot(machine);
    const inventory = await takeInventory(openFolder(machine, { scope: 'user', systemdVersion }));
    pictures.push(await readPicture(inventory, configured(inventory).nodes));
  }
  return pictures;
}

function configured(inventory: Inventory): Pick<CheckPolicy, 'nodes' | 'hasChannels' | 'secretFiles'> {
  const place = configurationPlace(configurationPlaces(inventory.host, undefined, {}, process.cwd()));
  if (place === undefined) return defaultPolicy;
  const configuration = readConfiguration(place.files.read(place.path), place.path);
  if (!('written' in configuration)) throw new Error(JSON.stringify(configuration));
  return hostPolicy(configuration, inventory).policy;
}

function shown(result: CheckResult, inventory: Inventory, catalogue: Catalogue, folder: string): string {
  const hostName = result.unit === undefined ? 'machine' : inventory.host.hostName;
  const host = { ...inventory.host, hostName };
  const options = {
    catalogue,
    terminal: { columns: 80, color: false, unicode: true },
    viewpoint: { workingDirectory: folder, home: undefined },
  } as const;
  return subjectsOf({ ...result, suppressed: [] })
    .map(subject => renderSubject(subject, { ...inventory, host }, options))
    .join('\n');
}

function moveIntoHome(folder: string): void {
  const units = path.join(folder, '.config/systemd/user');
  const entries = fs.readdirSync(folder);
  fs.mkdirSync(units, { recursive: true });
  for (const entry of entries) fs.renameSync(path.join(folder, entry), path.join(units, entry));
}

/** Somebody lives in every root. */
function makeRoot(folder: string): void {
  const passwd = path.join(folder, 'etc/passwd');
  if (fs.existsSync(passwd)) return;
  fs.mkdirSync(path.dirname(passwd), { recursive: true });
  fs.writeFileSync(passwd, 'kuma:x:1000:1000::/home/kuma:/bin/bash\n');
}

/** A copy with modes, links and what every root has; gone after the test. */
function unpacked({ folder, options }: Fixture): string {
  const copy = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), 'daruma-fixture-')));
  onTestFinished(() => fs.rmSync(copy, { recursive: true }));
  fs.cpSync(folder, copy, { recursive: true, verbatimSymlinks: true });
  if (folderKind(copy) === 'root') makeRoot(copy);
  for (const [name, target] of Object.entries(options.links)) {
    const link = path.join(copy, name);
    fs.mkdirSync(path.dirname(link), { recursive: true });
    fs.symlinkSync(target, link);
  }
  for (const [name, mode] of Object.entries(options.modes)) {
    fs.chmodSync(path.join(copy, name), Number.parseInt(mode, 8));
  }
  return copy;
}
