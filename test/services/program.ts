/** Programs of units that lie, with the files around them, in an unpacked root. */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { onTestFinished } from 'vitest';
import { type Program, readProgram } from '../../src/services/program.ts';
import { openFolder, openUnitFolder } from '../../src/systemd/host/offline-host.ts';
import { resolveService } from '../../src/systemd/service.ts';
import { createUnitLoader } from '../../src/systemd/unit.ts';

/**
 * The program of `/home/kuma/.config/systemd/user/NAME`.
 *
 * @param lines of [Service]; a single one without `=` in front of its first blank is taken for ExecStart=
 * @param files other files of the root, by path
 */
export function programOf(
  lines: string | readonly string[],
  { unit = 'app.service', files = {} }: { unit?: string; files?: Readonly<Record<string, string>> } = {},
): Program {
  const root = temporaryFolder();
  write(root, 'etc/passwd', 'kuma:x:1000:1000::/home/kuma:/bin/bash\n');
  write(root, `home/kuma/.config/systemd/user/${unit}`, serviceOf(lines));
  for (const [file, text] of Object.entries(files)) write(root, file, text);
  return readIn(openFolder(root, { scope: 'user', systemdVersion: 257 }), unit);
}

/** The same from a folder of units alone: nothing around it belongs to it. */
export function programInUnitFolder(
  lines: string | readonly string[],
  files: Readonly<Record<string, string>> = {},
): Program {
  const folder = temporaryFolder();
  write(folder, 'app.service', serviceOf(lines).replaceAll('@folder@', folder));
  for (const [file, text] of Object.entries(files)) write(folder, file, text);
  return readIn(openUnitFolder(folder, { scope: 'user', systemdVersion: 257 }), 'app.service');
}

function serviceOf(lines: string | readonly string[]): string {
  const settings = typeof lines === 'string' ? [`ExecStart=${lines}`] : lines;
  return ['[Service]', ...settings, ''].join('\n');
}

function readIn(host: ReturnType<typeof openFolder>, name: string): Program {
  const loader = createUnitLoader(host);
  const { unit, settings } = resolveService(loader.load(name), loader.defaults, 257);
  const program = settings && readProgram(unit, settings, host);
  if (program === undefined) throw new Error(`no program in ${name}: ${JSON.stringify(unit.problem)}`);
  return program;
}

function temporaryFolder(): string {
  const folder = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), 'daruma-services-')));
  onTestFinished(() => fs.rmSync(folder, { recursive: true }));
  return folder;
}

function write(folder: string, file: string, text: string): void {
  const target = path.join(folder, file);
  fs.mkdirSync(path.dirname(target), { recursive: true });
  fs.writeFileSync(target, text);
}
