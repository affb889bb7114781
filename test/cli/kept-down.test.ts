/** A message about what stays down names what `check` knows of its configuration. */
import { expect, it } from 'vitest';
import { defaultPolicy } from '../../src/check/policy.ts';
import { keptDownIn } from '../../src/cli/kept-down.ts';
import { loadCatalogue } from '../../src/i18n/index.ts';
import type { Notice } from '../../src/notify/notice.ts';
import { hostOf } from '../support/root.ts';

const about = { atMs: 0, host: 'neko', unit: 'litellm.service', scope: 'user' } as const;
const cause = { result: 'exit-code', code: 'exited', status: '1' };
const down: Notice = { ...about, kind: 'stays-down', cause, gaveUp: null };
const silent: Notice = { ...about, kind: 'not-ready', waitedSeconds: 90 };
const restarted: Notice = { ...about, kind: 'restarted', cause, downSeconds: 1, falls: 1 };

it('is named for what stays down or does not become ready, and for nothing else', async () => {
  const host = hostOf({
    'home/kuma/.config/systemd/user/litellm.service':
      '[Service]\nExecStart=/usr/bin/litellm --config /srv/litellm.yaml --port 4000\n',
    'srv/litellm.yaml': 'model_list: [\n',
  });
  const english = await loadCatalogue('en');
  const knownOf = async (notices: readonly Notice[]) => [
    ...(await keptDownIn(notices, host, english, () => Promise.resolve(defaultPolicy))),
  ];
  const known = [
    'litellm.service',
    [expect.stringMatching(/litellm\.yaml:\d: .* ends before its YAML is complete$/)],
  ];
  expect(await knownOf([down])).toEqual([known]);
  expect(await knownOf([silent])).toEqual([known]);
  expect(await knownOf([restarted])).toEqual([]);
  expect(await knownOf([down, restarted])).toEqual([]);
});
