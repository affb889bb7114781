/** LiteLLM in a container: its port, its configuration and its keys, by the file or the command that defines it. */
import { describe, expect, it } from 'vitest';
import { takeInventory } from '../../src/inventory/inventory.ts';
import type { Destination } from '../../src/routes/picture.ts';
import { readPicture } from '../../src/routes/read-picture.ts';
import { takeLimits } from '../../src/systemd/host/limit.ts';
import { hostOf, type Tree } from '../support/root.ts';

const image = 'ghcr.io/berriai/litellm:main-stable';

function models(...addresses: readonly string[]): string {
  const entries = addresses.map(
    (address, index) =>
      `  - {model_name: m${index}, litellm_params: {model: openai/m, api_base: "${address}"}}`,
  );
  return ['model_list:', ...entries, ''].join('\n');
}

/** The proxies of kuma in words, and what was not understood. Paths begin at its home. */
async function proxiesOf(files: Tree) {
  const host = hostOf({
    'etc/hostname': 'kuma\n',
    'home/kuma/.config/systemd/user/notes.service': '[Service]\nExecStart=/usr/bin/notes\n',
    ...Object.fromEntries(
      Object.entries(files).map(([name, text]) => [name.replace(/^~/, 'home/kuma'), text]),
    ),
  });
  const { proxies } = await readPicture(await takeInventory(host), []);
  const short = (text: string) => text.replaceAll('/home/kuma', '~');
  return {
    proxies: proxies.map(({ name, unit, port, address, file, deployments, container, isComplete }) =>
      [
        name,
        unit ?? '-',
        `${address}:${port ?? '?'}`,
        file ?? 'no file',
        ...deployments.map(({ leadsTo }) => inWords(leadsTo)),
        ...(container === undefined ? [] : [`by ${container.source.file}:${container.source.line}`]),
        ...(isComplete ? [] : ['incomplete']),
      ]
        .map(short)
        .join(' '),
    ),
    limits: takeLimits(host).map(({ source, limit }) =>
      short(`${source.file}:${source.line} ${'key' in limit ? limit.key : limit.of}`),
    ),
  };
}

function inWords(to: Destination): string {
  switch (to.kind) {
    case 'proxy':
      return `->${to.name}`;
    case 'own-port':
      return `->:${to.port}`;
    case 'elsewhere':
      return `->${to.host}`;
    default:
      return `->${to.kind}`;
  }
}

describe('LiteLLM in a compose file', () => {
  it('has its configuration where the file mounts it, and its port where it publishes it', async () => {
    const { proxies, limits } = await proxiesOf({
      '~/litellm/docker-compose.yml': `services:
  proxy:
    image: ${image}
    command: [--config, /app/config.yaml]
    ports: ["4001:4000"]
    volumes: [./config.yaml:/app/config.yaml:ro]
`,
      '~/litellm/config.yaml': models('https://api.example.com/v1'),
    });
    expect(proxies).toEqual([
      'litellm-proxy-1 - 127.0.0.1:4001 ~/litellm/config.yaml ->api.example.com by ~/litellm/docker-compose.yml:3',
    ]);
    expect(limits).toEqual([]);
  });

  it('has the variables of the .env beside it, and what is written for those without a value', async () => {
    const { proxies } = await proxiesOf({
      '~/docker/llm/compose.yaml': `name: llm
services:
  litellm:
    image: "\${IMAGE:-${image}}"
    container_name: \${NAME:+ll-\${NAME}}
    command: --config /etc/\${DIR-litellm}/c.yaml --port \${INSIDE}
    ports: [{target: 4005, published: "\${PORT}", host_ip: 127.0.0.1}]
    volumes: [{type: bind, source: "\${HOME}/conf", target: /etc/litellm, read_only: true}]
    environment: {BASE: "http://\${HOST_NAME:-api}.example.com/v1"}
`,
      '~/docker/llm/.env': 'PORT=4100\nINSIDE=4005\nNAME=kuma\n',
      '~/conf/c.yaml': models('os.environ/BASE'),
    });
    expect(proxies).toEqual([
      'll-kuma - 127.0.0.1:4100 ~/conf/c.yaml ->api.example.com by ~/docker/llm/compose.yaml:4',
    ]);
  });

  it.each([
    ['4000', '127.0.0.1:?'],
    ['4010:4000', '127.0.0.1:4010'],
    ['127.0.0.1:4010:4000', '127.0.0.1:4010'],
    ['0.0.0.0:4010:4000/tcp', '127.0.0.1:4010'],
    ['[::1]:4010:4000', '[::1]:4010'],
    ['100.64.0.7:4010:4000', '100.64.0.7:4010'],
    ['4008-4012:3998-4002', '127.0.0.1:4010'],
    ['4008-4012:4000', '127.0.0.1:?'],
    ['4010:4000/udp', '127.0.0.1:?'],
    ['127.0.0.1::4000', '127.0.0.1:?'],
  ])('published as %s answers at %s', async (ports, at) => {
    const { proxies } = await proxiesOf({
      '~/compose.yml': `services:\n  litellm:\n    image: ${image}\n    ports: ["${ports}"]\n`,
    });
    expect(proxies.map(line => line.split(' ')[2])).toEqual([at]);
  });

  it('reaches its machine, its neighbours and itself by names of its own', async () => {
    const compose = `services:
  litellm:
    image: ${image}
    command: [--config, /c.yaml]
    ports: [4000:4000]
    configs: [{source: models, target: /c.yaml}]
    extra_hosts: ["kuma-host:host-gateway"]
  second:
    image: litellm/litellm
    command: [--port, "4002"]
    ports: [4002:4002]
  copilot:
    image: example/copilot-api
    ports: [4141:4141]
configs: {models: {file: ./models.yaml}}
`;
    const addresses = [
      'http://second:4002/v1',
      'http://copilot:4141/v1',
      'http://host.docker.internal:4002/v1',
      'http://kuma-host:4141/v1',
      'http://127.0.0.1:4141/v1',
      'http://localhost:4000/v1',
    ];
    const { proxies } = await proxiesOf({
      '~/docker-compose.yaml': compose,
      '~/models.yaml': models(...addresses),
    });
    expect(proxies[0]).toBe(
      'kuma-litellm-1 - 127.0.0.1:4000 ~/models.yaml ->kuma-second-1 ->unknown ->kuma-second-1 ->:4141 ->unknown ' +
        '->kuma-litellm-1 by ~/docker-compose.yaml:3',
    );
    const onHost = await proxiesOf({
      '~/docker-compose.yaml': compose.replace('ports: [4000:4000]', 'network_mode: host'),
      '~/models.yaml': models(addresses[4] ?? ''),
    });
    expect(onHost.proxies[0]).toContain('127.0.0.1:4000 ~/models.yaml ->:4141 by');
  });

  it('is put together from the files that compose merges', async () => {
    const { proxies } = await proxiesOf({
      '~/litellm/compose.yaml': `services:\n  litellm:\n    image: ${image}\n    ports: [4000:4000]\n`,
      '~/litellm/compose.override.yaml':
        'services:\n  litellm:\n    command: [--config, /app/c.yaml]\n    volumes: ["~/c:/app"]\n',
      '~/c/c.yaml': models('https://api.example.com'),
    });
    expect(proxies).toEqual([
      'litellm-litellm-1 - 127.0.0.1:4000 ~/c/c.yaml ->api.example.com by ~/litellm/compose.yaml:3',
    ]);
  });

  it('names what is not understood', async () => {
    const { proxies, limits } = await proxiesOf({
      '~/litellm/compose.yaml': `services:
  litellm:
    extends: {file: common.yaml, service: llm}
    image: ${image}
    command: [--config, "\${WHERE}"]
    ports: ["\${PORT}:4000"]
    env_file: [missing.env]
`,
    });
    expect(proxies).toEqual([
      'litellm-litellm-1 - 127.0.0.1:? no file by ~/litellm/compose.yaml:4 incomplete',
    ]);
    expect(limits).toEqual([
      '~/litellm/compose.yaml:3 services.litellm.extends',
      '~/litellm/compose.yaml:5 services.litellm.command',
      '~/litellm/compose.yaml:7 services.litellm.env_file',
      '~/litellm/compose.yaml:6 services.litellm.ports',
    ]);
  });

  it.each([
    ['services as a list', 'name: a\nservices: [litellm]\n', '~/litellm/compose.yaml:2 services'],
    ['services as a text', 'services: litellm\n', '~/litellm/compose.yaml:1 services'],
    ['a service as a list', 'services:\n  a: {}\n  b: [x]\n', '~/litellm/compose.yaml:3 services.b'],
    ['a service as a text', 'services:\n  b: x\n', '~/litellm/compose.yaml:2 services.b'],
  ])('says where it is no project: %s', async (_, text, told) => {
    const { limits } = await proxiesOf({ '~/litellm/compose.yaml': text });
    expect(limits).toEqual([told]);
  });

  it('says nothing of a project without services', async () => {
    const { limits } = await proxiesOf({ '~/litellm/compose.yaml': 'name: a\nservices:\n' });
    expect(limits).toEqual([]);
  });

  it('leaves out a project whose port a service has', async () => {
    const { proxies } = await proxiesOf({
      '~/litellm/compose.yaml': `services:\n  litellm:\n    image: ${image}\n    ports: [4000:4000]\n`,
      '~/.config/systemd/user/litellm.service': '[Service]\nExecStart=/usr/bin/litellm --port 4000\n',
    });
    expect(proxies).toEqual(['litellm.service litellm.service 127.0.0.1:4000 no file incomplete']);
  });

  it('follows no link out of the tree', async () => {
    const { proxies } = await proxiesOf({
      '~/litellm/compose.yaml': { link: '../../../../../../../../etc/passwd' },
      '~/docker/a/compose.yaml': `services:\n  litellm:\n    image: ${image}\n    command: --config /c/hosts\n    volumes: [./c:/c]\n`,
      '~/docker/a/c': { link: '../../../../../../../../../../etc' },
      'etc/hosts': '127.0.0.1 localhost\n',
    });
    // The root is all that there is: beyond it, `..` stays where it is.
    expect(proxies).toEqual([
      'a-litellm-1 - 127.0.0.1:? ~/docker/a/c/hosts by ~/docker/a/compose.yaml:3 incomplete',
    ]);
  });
});

describe('LiteLLM in a container of a service', () => {
  const unit = (command: string, more = '') => `[Service]\n${more}ExecStart=${command}\n`;
  const config = models('http://host.containers.internal:4141/v1');

  it.each([
    [
      'docker run',
      `/usr/bin/docker run --rm -it --name=llm -p 4000:4000 -v %h/litellm:/app/c ${image} --config c/config.yaml`,
    ],
    [
      'podman run',
      `/usr/bin/podman --log-level warn run -d -p127.0.0.1:4000:4000 --mount type=bind,src=%h/litellm,dst=/x ${image} --config=/x/config.yaml`,
    ],
    [
      'a shell',
      `/bin/sh -c 'exec docker run -p 4000:4000 -v ~/litellm:/app/c ${image} --config c/config.yaml'`,
    ],
  ])('by %s is known as the service', async (_, command) => {
    const { proxies } = await proxiesOf({
      '~/.config/systemd/user/litellm.service': unit(command),
      '~/litellm/config.yaml': config,
    });
    expect(proxies).toEqual([
      'litellm.service litellm.service 127.0.0.1:4000 ~/litellm/config.yaml ->:4141 by ' +
        '~/.config/systemd/user/litellm.service:2',
    ]);
  });

  it.each([
    ['its working folder', '/usr/bin/docker compose up', 'WorkingDirectory=%h/llm\n'],
    ['the file that it names', '/usr/bin/docker compose -f %h/llm/compose.yaml up --no-color', ''],
    ['the folder that it names', '/usr/bin/podman-compose --project-directory %h/llm up', ''],
  ])('by compose is read in %s', async (_, command, more) => {
    const { proxies } = await proxiesOf({
      '~/.config/systemd/user/llm.service': unit(command, more),
      '~/llm/compose.yaml': `services:\n  litellm:\n    image: ${image}\n    command: --config /app/c.yaml\n    ports: [4000:4000]\n    volumes: [./c.yaml:/app/c.yaml]\n`,
      '~/llm/c.yaml': config,
    });
    expect(proxies).toEqual([
      'llm.service llm.service 127.0.0.1:4000 ~/llm/c.yaml ->:4141 by ~/llm/compose.yaml:3',
    ]);
  });

  it('by a quadlet is read in its file', async () => {
    const { proxies } = await proxiesOf({
      '~/.config/containers/systemd/llm.container': `[Container]
Image=${image}
Exec=--config /app/config.yaml
PublishPort=127.0.0.1:4000:4000
Volume=%h/litellm/config.yaml:/app/config.yaml:ro
Environment=A=b "C=d e"
`,
      '~/litellm/config.yaml': config,
    });
    expect(proxies).toEqual([
      'llm.service - 127.0.0.1:4000 ~/litellm/config.yaml ->:4141 by ~/.config/containers/systemd/llm.container:2',
    ]);
  });

  it('is not told from what else runs in containers', async () => {
    const { proxies } = await proxiesOf({
      '~/.config/systemd/user/a.service': unit(
        '/usr/bin/docker run -e IMAGE=ghcr.io/berriai/litellm postgres:17',
      ),
      '~/compose.yaml':
        'services:\n  dashboard: {image: example/litellm-dashboard}\n  litellm: {image: redis}\n',
    });
    expect(proxies).toEqual([]);
  });
});
