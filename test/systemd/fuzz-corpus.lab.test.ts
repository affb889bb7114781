/**
 * systemd's own fuzz corpus for unit files (`test/fuzz/fuzz-unit-file` of its source tree): hostile files, none of which
 * may crash daruma or keep it busy, and of which it must think what systemd thinks. A file's first line names the unit
 * type that its fuzzer makes of the rest.
 */
import fs from 'node:fs';
import path from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { upstreamSource } from '../../lab/upstream-source.ts';
import { describeLab } from '../../lab/vitest.ts';
import { readManagerConfiguration } from '../../src/systemd/manager-defaults.ts';
import { resolveService } from '../../src/systemd/service.ts';
import { createUnitLoader } from '../../src/systemd/unit.ts';
import { parseUnitFile, serializeUnitFile } from '../../src/systemd/unit-file.ts';
import { hostOf } from '../support/root.ts';
import { compare, install, uninstall } from './compare-effective.ts';

interface CorpusFile {
  readonly name: string;
  readonly content: Buffer;
  /** What stands behind the line that names the type. */
  readonly unit: Buffer;
}

const { files, missing } = await corpus();
const isSkipped = missing !== undefined && process.env['DARUMA_LAB'] !== 'required';
if (isSkipped) console.warn(`skipped: the fuzz corpus of systemd: ${missing}`);

describe.skipIf(isSkipped)('the fuzz corpus of systemd', () => {
  beforeAll(() => {
    if (missing !== undefined) throw new Error(missing);
  });

  test('is there', () => {
    expect(files.length).toBeGreaterThan(25);
  });

  test.for(files)('$name is cut without loss and loaded within two seconds', ({ content, unit }) => {
    for (const version of [245, 252, 257, 262]) {
      for (const bytes of [content, unit]) {
        const start = performance.now();
        expect(serializeUnitFile(parseUnitFile(bytes, version)).equals(bytes)).toBe(true);
        const host = hostOf({ 'etc/systemd/system/a.service': bytes }, { scope: 'system', version });
        const { defaults } = readManagerConfiguration(host);
        const service = resolveService(createUnitLoader(host).load('a.service'), defaults, version);
        expect(['loaded', 'error', 'bad-setting']).toContain(service.unit.load);
        expect(performance.now() - start).toBeLessThan(2000);
      }
    }
  });

  describeLab('in the fuzz corpus', { name: 'corpus', users: ['kuma'] }, lab => {
    test('every service is loaded or refused as daruma says, and has the values that it says', async () => {
      const host = await lab.host();
      const units = files.flatMap(({ content, unit }, index) => [
        [`etc/systemd/system/corpus-${index}.service`, unit] as const,
        [`etc/systemd/system/whole-${index}.service`, content] as const,
        // Most lack a command, and are refused for it whatever else they say.
        [`etc/systemd/system/able-${index}.service`, unit] as const,
        [
          `etc/systemd/system/able-${index}.service.d/command.conf`,
          '[Service]\nExecStart=/bin/true\n',
        ] as const,
      ]);
      const tree = Object.fromEntries(units);
      await install(host, tree);
      const names = Object.keys(tree)
        .map(file => path.basename(file))
        .filter(name => name.endsWith('.service'));
      const { differences } = await compare(host, 'system', names);
      await uninstall(host, tree);
      expect(differences).toEqual([]);
    });
  });
});

async function corpus(): Promise<{ readonly files: readonly CorpusFile[]; readonly missing?: string }> {
  try {
    const folder = path.join(await upstreamSource(), 'test/fuzz/fuzz-unit-file');
    return { files: fs.readdirSync(folder).map(name => corpusFile(folder, name)) };
  } catch (error) {
    return { files: [], missing: error instanceof Error ? error.message : String(error) };
  }
}

function corpusFile(folder: string, name: string): CorpusFile {
  const content = fs.readFileSync(path.join(folder, name));
  return { name, content, unit: content.subarray(content.indexOf('\n') + 1) };
}
