/** A real manager: what a program gets of a line that is written for a shell, and that the rule says so of each of them. */
import { describe, expect, test } from 'vitest';
import { describeLab, usualVersions } from '../../../../lab/vitest.ts';
import { asKuma, findingsOf } from '../../live-findings.ts';

/** The arguments in a unit, and what arrives of them. */
const passedOn: readonly (readonly [written: string, ...got: string[]])[] = [
  ['a && b', 'a', '&&', 'b'],
  ['a || b', 'a', '||', 'b'],
  ['a | b', 'a', '|', 'b'],
  ['a &', 'a', '&'],
  ['a&', 'a&'],
  ['a; b', 'a;', 'b'],
  ['a # b', 'a', '#', 'b'],
  ['>> x 2>&1 >/dev/null', '>>', 'x', '2>&1', '>/dev/null'],
  ['< /dev/null <<< "a b"', '<', '/dev/null', '<<<', 'a b'],
  ['$(date)'],
  ['"$(date)" \'$(date)\''],
  ['$(date +%%s) x', '+%s)', 'x'],
  ['a=$(date)', 'a=$(date)'],
  ['`date`', '`date`'],
  ['$HOME/x "$HOME x" $1 $@ $?'],
  ['${PORT:-1}', '${PORT:-1}'],
  ['a${PORT-1}b${#PORT}${1}', 'ab'],
];

/** What stands in the place of the program, and is none. */
const noPrograms = [
  'cd /tmp && x',
  'PORT=1 x',
  'export A=1',
  'exec x',
  '( x )',
  'if true; x; fi',
  'source x',
];

/** What the rule is silent about: systemd does what is meant. */
const meant: readonly (readonly [written: string, ...got: string[]])[] = [
  ['"|" \'&&\' "&" ">" \\; ";"', '|', '&&', '&', '>', ';', ';'],
  ['${HOME}/x a$b $$HOME $$', '/home/kuma/x', 'a$b', '$HOME', '$'],
  ['http://box/?a=1&b=2 a|b >=1', 'http://box/?a=1&b=2', 'a|b', '>=1'],
];

describe.each(usualVersions(import.meta.url))('systemd %i', systemd => {
  describeLab('shell-syntax', { name: 'shell', systemd, users: ['kuma'] }, lab => {
    test('takes a line apart as the rule says', { timeout: 90_000 }, async () => {
      const host = await lab.host();
      const services = [
        ...passedOn.map(([written], index) => [`passed-on-${index}`, `/home/kuma/told ${written}`] as const),
        ...meant.map(([written], index) => [`meant-${index}`, `/home/kuma/told ${written}`] as const),
        ...noPrograms.map((written, index) => [`no-program-${index}`, written] as const),
      ];
      const units = services.map(
        ([name, line]) => `cat > ${name}.service <<'END'\n[Service]\nType=oneshot\nExecStart=${line}\nEND\n`,
      );
      const said = await asKuma(
        host,
        `cat > ~/told <<'END'
#!/bin/sh
printf '%s\\n' "$@" > "/home/kuma/$(sed 's,.*/,,' /proc/self/cgroup | tail -1).got"
END
         chmod +x ~/told
         mkdir -p ~/.config/systemd/user
         cd ~/.config/systemd/user
         ${units.join('')}
         systemctl --user daemon-reload
         for unit in *.service; do
           systemctl --user start $unit 2> /tmp/errors || true
           echo $unit $(systemctl --user show --property=ExecMainStatus --value $unit)
         done`,
      );
      const got = async (name: string) => (await asKuma(host, `cat ~/${name}.service.got`)).slice(0, -1);
      for (const [index, [, ...expected]] of passedOn.entries()) {
        expect(await got(`passed-on-${index}`)).toBe(expected.join('\n'));
      }
      for (const [index, [, ...expected]] of meant.entries()) {
        expect(await got(`meant-${index}`)).toBe(expected.join('\n'));
      }
      for (const index of noPrograms.keys()) expect(said).toContain(`no-program-${index}.service 203\n`);
      const found = await findingsOf(host, 'shell-syntax');
      const silent = new Set(meant.map((_, index) => `meant-${index}.service`));
      expect(found.map(({ unit }) => unit)).toEqual(
        expect.arrayContaining(services.map(([name]) => `${name}.service`).filter(name => !silent.has(name))),
      );
      expect(found.filter(({ unit }) => silent.has(unit ?? ''))).toEqual([]);
      expect((await findingsOf(host, 'exec-missing')).filter(({ unit }) => unit?.startsWith('no-'))).toEqual(
        [],
      );
    });
  });
});
