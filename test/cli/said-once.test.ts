/** What a finding says of a text that cannot be read is not said a second time by a note. */
import { describe, expect, it } from 'vitest';
import { unpackedRoot } from '../support/root.ts';
import { daruma } from './daruma.ts';

const proxy =
  '[Service]\nExecStart=/usr/local/bin/litellm --config %h/litellm.yaml --port 4000\n[Install]\nWantedBy=default.target\n';

function rootWith(files: Readonly<Record<string, string>>): string {
  return unpackedRoot({
    'etc/hostname': 'kuma\n',
    'etc/passwd': 'kuma:x:1000:1000::/home/kuma:/bin/sh\n',
    'home/kuma/.config/systemd/user/litellm.service': proxy,
    ...files,
  });
}

describe('a text that cannot be read', () => {
  it.each([
    [
      'ends early',
      'model_list: [\n',
      /litellm\.yaml ends before its YAML is complete[^]*> 1 \| model_list: \[/,
    ],
    ['is no YAML', 'a: b: c\nd: e\n', /litellm\.yaml is no YAML from this line on/],
    ['is no mapping', '- a\n', /litellm\.yaml is no mapping/],
    ['has one value for several', 'include: {a: 1}\n', /does not start with this in include/],
  ])('of which a rule says that it %s, has no note besides', async (_, text, finding) => {
    const root = rootWith({ 'home/kuma/litellm.yaml': text });
    const { stdout, stderr } = await daruma(['check', root]);
    expect(stdout.replaceAll(/\s+/g, ' ')).toMatch(new RegExp(finding.source, 'u'));
    expect(stderr).not.toContain('not looked into');
  });

  it('of which no rule speaks has a note, with a line that there is', async () => {
    const root = rootWith({
      'home/kuma/litellm.yaml': 'model_list: []\n',
      'home/kuma/docker-compose.yml': 'services: [\n\n',
    });
    const { stderr } = await daruma(['check', root]);
    expect(stderr).toContain(
      'docker-compose.yml:1: ends before it is complete: the file was not looked into\n',
    );
  });
});
