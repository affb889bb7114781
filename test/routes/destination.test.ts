/** Where addresses lead from a machine, by its services, hosts, tunnels and reverse proxies. */
import { describe, expect, it } from 'vitest';
import { takeInventory } from '../../src/inventory/inventory.ts';
import type { Node } from '../../src/routes/node.ts';
import type { Destination } from '../../src/routes/picture.ts';
import { readPicture } from '../../src/routes/read-picture.ts';
import { hostOf, type Tree } from '../support/root.ts';

const nodes: readonly Node[] = ['neko', 'kuma', 'tora'].map(name => ({
  name,
  url: `https://${name}.example.com/litellm`,
  key: undefined,
  source: null,
}));

const service = (command: string) => `[Service]\nExecStart=${command}\n`;

/** The picture of kuma, whose LiteLLM listens on 4000, with services and files besides. */
function pictureOf(services: Readonly<Record<string, string>> = {}, files: Tree = {}, models = '') {
  const units = Object.entries({ litellm: '/usr/bin/litellm --config /srv/c.yaml', ...services });
  return takeInventory(
    hostOf({
      'etc/hostname': 'kuma\n',
      'srv/c.yaml': models,
      ...Object.fromEntries(
        units.map(([name, command]) => [`home/kuma/.config/systemd/user/${name}.service`, service(command)]),
      ),
      ...files,
    }),
  ).then(inventory => readPicture(inventory, nodes));
}

/** Where one address leads, in a word. */
async function leadsTo(url: string, ...[services, files]: Parameters<typeof pictureOf>): Promise<string> {
  const models = `model_list: [{model_name: a, litellm_params: {model: a, api_base: "${url}"}}]\n`;
  const { proxies } = await pictureOf(services, files, models);
  const destination = proxies.find(({ unit }) => unit === 'litellm.service')?.deployments[0]?.leadsTo;
  return inWords(destination ?? { kind: 'unknown' });
}

function inWords(destination: Destination): string {
  switch (destination.kind) {
    case 'proxy':
      return destination.name;
    case 'own-port':
      return `:${destination.port}`;
    case 'node':
      return `${destination.node}:${destination.port}${destination.path} by ${destination.by}`;
    case 'elsewhere':
      return `elsewhere ${destination.host}:${destination.port} by ${destination.by}`;
    case 'unknown':
      return 'unknown';
    default:
      return destination satisfies never;
  }
}

describe('an address', () => {
  it.each([
    ['http://127.0.0.1:4000/v1', 'litellm.service'],
    ['http://localhost:4000', 'litellm.service'],
    ['http://127.0.0.2:4000/v1', 'litellm.service'],
    // LiteLLM listens on all addresses of IPv4, and on none of IPv6.
    ['http://[::1]:4000/v1', ':4000'],
    ['http://kuma:4000/', 'litellm.service'],
    ['http://kuma.local:4000/', 'litellm.service'],
    ['http://127.0.0.1:9999/v1', ':9999'],
    ['https://neko.example.com/litellm/v1', 'neko:443/litellm/v1 by address'],
    ['http://NEKO.example.com:4000', 'neko:4000 by address'],
    ['http://neko:4000/v1', 'neko:4000/v1 by address'],
    ['http://tora.tail1234.ts.net:4000', 'tora:4000 by address'],
    ['https://kuma.example.com/litellm/v1', 'kuma:443/litellm/v1 by address'],
    ['http://kuma.example.com:4000/v1', 'litellm.service'],
    // A first label says nothing about names of the public net.
    ['https://neko.example.org/v1', 'elsewhere neko.example.org:443 by address'],
    ['no address', 'unknown'],
  ])('%s leads to %s', async (url, expected) => {
    expect(await leadsTo(url)).toBe(expected);
  });

  it.each([
    ['127.0.0.1', 'http://127.0.0.1:4000/v1', 'litellm.service'],
    ['127.0.0.1', 'http://localhost:4000/v1', 'litellm.service'],
    ['127.0.0.1', 'http://127.0.0.2:4000/v1', ':4000'],
    ['127.0.0.2', 'http://127.0.0.2:4000/v1', 'litellm.service'],
    ['127.0.0.2', 'http://localhost:4000/v1', ':4000'],
    ['localhost', 'http://[::1]:4000/v1', 'litellm.service'],
    ['::1', 'http://127.0.0.1:4000/v1', ':4000'],
    ['kuma', 'http://127.0.0.1:4000/v1', 'litellm.service'],
  ])('is a service only where it listens: with --host %s, %s leads to %s', async (host, url, expected) => {
    const litellm = `/usr/bin/litellm --config /srv/c.yaml --host ${host}`;
    expect(await leadsTo(url, { litellm })).toBe(expected);
  });

  it('is of the one of two services that listens on it', async () => {
    const services = {
      litellm: '/usr/bin/litellm --config /srv/c.yaml --host 127.0.0.1',
      second: '/usr/bin/litellm --config /srv/d.yaml --host 127.0.0.2',
    };
    expect(await leadsTo('http://127.0.0.2:4000', services)).toBe('second.service');
    expect(await leadsTo('http://127.0.0.1:4000', services)).toBe('litellm.service');
  });

  it('may be known by /etc/hosts', async () => {
    const files = { 'etc/hosts': '127.0.1.1 kuma mine # me\n10.0.0.2\tneko.example.com  cat\n' };
    expect(await leadsTo('http://10.0.0.2:4000', {}, files)).toBe('neko:4000 by address');
    expect(await leadsTo('http://cat/v1', {}, files)).toBe('neko:80/v1 by address');
    expect(await leadsTo('http://mine:4000/', {}, files)).toBe('litellm.service');
  });
});

describe('a tunnel', () => {
  it.each([
    ['/usr/bin/ssh -N -L 4001:127.0.0.1:4000 neko', 'neko:4000 by tunnel'],
    ['/usr/bin/ssh -NTL4001:localhost:4000 me@neko.example.com', 'neko:4000 by tunnel'],
    [
      '/usr/bin/ssh neko -p 22 -o ExitOnForwardFailure=yes -L [::1]:4001:[::1]:4000 -N',
      'neko:4000 by tunnel',
    ],
    ['/usr/bin/autossh -M 0 -N -L 127.0.0.1:4001:tora:4000 neko', 'tora:4000 by tunnel'],
    ['/usr/bin/ssh -N -o "LocalForward=4001 127.0.0.1:4000" ssh://me@neko:2222', 'neko:4000 by tunnel'],
    [
      '/usr/bin/ssh -N -L 4001:127.0.0.1:4000 bastion.example.net',
      'elsewhere bastion.example.net:4000 by tunnel',
    ],
    // Another port, a command that says -L, a tunnel for the other direction.
    ['/usr/bin/ssh -N -L 4002:127.0.0.1:4000 neko', ':4001'],
    ['/usr/bin/ssh neko tail -L 4001:127.0.0.1:4000', ':4001'],
    ['/usr/bin/ssh -N -R 4001:127.0.0.1:4000 neko', ':4001'],
    ['/usr/bin/sshd -D -L 4001:127.0.0.1:4000 neko', ':4001'],
  ])('%s', async (command, expected) => {
    expect(await leadsTo('http://127.0.0.1:4001', { tunnel: command })).toBe(expected);
  });

  it('may be configured for its user', async () => {
    const files = {
      'home/kuma/.ssh/config': `Host other !cat c*
  LocalForward 4001 127.0.0.1:1
Host cat
  HostName neko.example.com
  LocalForward 4001 127.0.0.1:4000
`,
    };
    expect(await leadsTo('http://127.0.0.1:4001', { tunnel: '/usr/bin/ssh -N cat' }, files)).toBe(
      'neko:4000 by tunnel',
    );
  });

  it('leads back here from another machine', async () => {
    const { remoteForwards } = await pictureOf({ tunnel: '/usr/bin/ssh -NR 4001:localhost:4000 neko' });
    expect(remoteForwards).toEqual([
      { host: 'neko', port: 4001, leadsTo: { kind: 'proxy', name: 'litellm.service' } },
    ]);
  });

  it('into a tunnel comes to an end', async () => {
    const tunnel = '/usr/bin/ssh -N -L 4001:127.0.0.1:4002 kuma';
    const back = '/usr/bin/ssh -N -L 4002:127.0.0.1:4001 kuma';
    expect(await leadsTo('http://127.0.0.1:4001', { tunnel, back })).toMatch(/^:400[12]$/);
  });
});

describe('a reverse proxy', () => {
  const caddy = (text: string) => ({ 'etc/caddy/Caddyfile': text });
  const nginx = (text: string) => ({ 'etc/nginx/sites-enabled/llm': text });

  it.each<readonly [string, string, Tree, string]>([
    [
      'a site of Caddy',
      'https://kuma.example.com/litellm/v1',
      caddy('kuma.example.com {\n\thandle_path /litellm/* {\n\t\treverse_proxy 127.0.0.1:4000\n\t}\n}\n'),
      'litellm.service',
    ],
    [
      'without braces',
      'https://kuma.example.com/litellm/v1',
      caddy('kuma.example.com\n# mine\nreverse_proxy localhost:4000\n'),
      'litellm.service',
    ],
    [
      'with a matcher',
      'https://kuma.example.com/litellm/v1',
      caddy(
        '{\n\temail me@example.com\n}\n\nwww.example.com,\nkuma.example.com {\n\treverse_proxy /litellm/* :4000 {\n\t\tflush_interval -1\n\t}\n}\n',
      ),
      'litellm.service',
    ],
    [
      'on another path',
      'https://kuma.example.com/litellm/v1',
      caddy('kuma.example.com {\n\treverse_proxy /other/* :4000\n}\n'),
      'kuma:443/litellm/v1 by address',
    ],
    [
      'to another machine',
      'http://127.0.0.1:4001/v1',
      caddy(':4001 {\n\treverse_proxy https://neko.example.com\n}\n'),
      'neko:443/v1 by reverse-proxy',
    ],
    [
      'a site of nginx',
      'https://kuma.example.com/litellm/v1',
      nginx(
        '# mine\nserver {\n  listen 443 ssl;\n  server_name kuma.example.com;\n  location / { return 404; }\n  location /litellm/ {\n    proxy_set_header Host "a;{b}";\n    proxy_pass http://127.0.0.1:4000/;\n  }\n}\n',
      ),
      'litellm.service',
    ],
    [
      'with a group of servers',
      'http://127.0.0.1:8080/v1',
      nginx(
        'upstream llm { server 127.0.0.1:4000; }\nserver { listen 127.0.0.1:8080; location / { proxy_pass http://llm; } }\n',
      ),
      'litellm.service',
    ],
    [
      'the longest path',
      'http://127.0.0.1/a/b/v1',
      nginx(
        'server { location /a { proxy_pass http://127.0.0.1:1; } location /a/b { proxy_pass http://127.0.0.1:4000; } }\n',
      ),
      'litellm.service',
    ],
    ['to itself', 'http://127.0.0.1:4001', caddy(':4001 {\n\treverse_proxy :4001\n}\n'), ':4001'],
  ])('%s', async (_, url, files, expected) => {
    expect(await leadsTo(url, {}, files)).toBe(expected);
  });
});
