/** Environment files, `Environment=` and the variables of a command line, held against services that really ran. */
import { describe, expect, test } from 'vitest';
import type { Host } from '../../lab/host.ts';
import { describeLab } from '../../lab/vitest.ts';
import { parseEnvironmentFile } from '../../src/systemd/values/environment-file.ts';
import { environmentFiles, files, services } from './environment-cases.ts';
import { programOf } from './program.ts';

const folder = '/etc/app';
/** Writes its arguments and then its environment, each ended by a zero byte. */
const app =
  '#!/bin/sh\n{ for word; do printf "%s\\0" "$word"; done; printf "=\\0"; env -0; } > "/run/$UNIT"\n';

interface Ran {
  readonly args: readonly string[];
  readonly variables: Readonly<Record<string, string>>;
}

async function run(host: Host, units: readonly (readonly string[])[]): Promise<readonly Ran[]> {
  await host.writeFile('/usr/local/bin/app', app, { mode: 0o755 });
  const names = units.map((_, index) => `case${index}.service`);
  for (const [index, lines] of units.entries()) {
    const text = `[Service]\nType=oneshot\n${lines.join('\n')}\nEnvironment=UNIT=case${index}\n`;
    await host.writeFile(`/etc/systemd/system/${names[index]}`, text);
  }
  await host.exec(['systemctl', 'daemon-reload']);
  await host.exec(['systemctl', 'start', ...names]);
  const ran: Ran[] = [];
  for (const index of units.keys()) {
    const { stdout } = await host.exec(['cat', `/run/case${index}`]);
    const words = stdout.split('\0').slice(0, -1);
    const end = words.indexOf('=');
    const variables = words
      .slice(end + 1)
      .map(word => [word.slice(0, word.indexOf('=')), word.slice(word.indexOf('=') + 1)]);
    ran.push({ args: words.slice(0, end), variables: Object.fromEntries(variables) });
  }
  return ran;
}

function placed(lines: readonly string[]): readonly string[] {
  return lines.map(line => line.replaceAll('@app@', '/usr/local/bin/app').replaceAll('@folder@', folder));
}

describe.each([247, 257, 262])('systemd %i', systemd => {
  describeLab('services', { name: 'environment', systemd }, lab => {
    test('are given what their environment files say', async () => {
      const host = await lab.host();
      const texts = [...environmentFiles.map(([text]) => text), '# a \\\nA=1\nB=2\n'];
      for (const [index, text] of texts.entries()) await host.writeFile(`${folder}/case${index}`, text);
      const units = texts.map((_, index) => [
        `EnvironmentFile=${folder}/case${index}`,
        'ExecStart=/usr/local/bin/app',
      ]);
      const ran = await run(host, units);
      const names = new Set(['A', 'B', 'C', 'D']);
      const given = ran.map(({ variables }) =>
        Object.fromEntries(Object.entries(variables).filter(([name]) => names.has(name))),
      );
      const read = texts.map(text =>
        Object.fromEntries(parseEnvironmentFile(text, systemd).map(({ name, value }) => [name, value])),
      );
      expect(read).toEqual(given);
    });

    test('get the words and variables that the reading expects', async () => {
      const host = await lab.host();
      await host.exec(['rm', '-r', folder]);
      for (const [name, text] of Object.entries(files)) await host.writeFile(`${folder}/${name}`, text);
      const units = services.map(lines => placed(lines));
      const ran = await run(host, units);
      const inside = Object.fromEntries(
        Object.entries(files).map(([name, text]) => [`etc/app/${name}`, text]),
      );
      const read = units.map(lines => {
        const program = programOf(lines, { files: inside });
        return { args: program.args, variables: ['A', 'B', 'C'].map(name => program.variable(name)) };
      });
      expect(read).toEqual(
        ran.map(({ args, variables }) => ({ args, variables: ['A', 'B', 'C'].map(name => variables[name]) })),
      );
    });
  });
});
