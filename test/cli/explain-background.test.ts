/** `daruma explain` of a command that goes into the background says what `status` says of it. */
import { readdirSync } from 'node:fs';
import { expect, test } from 'vitest';
import { checkout, daruma, darumaJson, type Fall, type Outcome } from './daruma.ts';

const fixtures = 'test/check/rules/goes-to-background/fires';
// Scripts and configurations are in roots, around which `status` of a single file does not look.
const units = readdirSync(fixtures, { recursive: true, encoding: 'utf8' }).filter(
  name => name.endsWith('.service') && !/^(?:scripts|by-file)\//.test(name),
);

/** The endings of `explain` that the columns of `status` stand for. */
const endings = {
  exit0: 'exit:0',
  exit1: 'exit:1',
  sigterm: 'signal:SIGTERM',
  sigkill: 'signal:SIGKILL',
  oom: 'oom',
  hang: 'hang',
  logout: 'logout',
  managerKill: 'manager-kill',
  reboot: 'reboot',
} as const;

/** The line of the command, where it decides. */
function lineOf(judged: Fall | Outcome | undefined): object | undefined {
  return judged?.because.find(({ code }) => code === 'goes-to-background')?.source ?? undefined;
}

test.each(units)('%s', async name => {
  const [status, explained] = await Promise.all(
    ['status', 'explain'].map(command => darumaJson([command, `${fixtures}/${name}`])),
  );
  const falls = status?.units[0]?.falls ?? {};
  const outcomes = new Map(explained?.units[0]?.outcomes.map(outcome => [outcome.on, outcome]));
  const lines = Object.values(endings).map(ending => lineOf(outcomes.get(ending)));
  expect(lines).toEqual(Object.keys(endings).map(fall => lineOf(falls[fall])));
  expect([...outcomes.values()].filter(outcome => lineOf(outcome) && outcome.restarts)).toEqual([]);
});

test.each(['en', 'zh-CN'])('says it first, and shows the loop of the command (%s)', async language => {
  const unit = `${fixtures}/containers/run.service`;
  const { stdout } = await daruma(['explain', unit, '--lang', language, '--systemd', '257']);
  await expect(stdout.replace(`${checkout}/`, '')).toMatchFileSnapshot(
    `golden/explain-background.${language}.txt`,
  );
});
