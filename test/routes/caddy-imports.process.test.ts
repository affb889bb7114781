/** What a Caddyfile imports, as the real Caddy resolves it. */
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { passagesOf } from '../../src/routes/reverse-proxy.ts';
import { fieldOf, isMapping } from '../../src/json/value.ts';
import { ownFilesOf } from '../../src/services/own-files.ts';
import { hostOf, type Tree, unpackedRoot } from '../support/root.ts';
import { hasCaddy } from '../support/web-servers.ts';

const proxy = (port: number | string) => `reverse_proxy 127.0.0.1:${port}`;

const trees: Readonly<Record<string, Tree>> = {
  'a file beside it': {
    Caddyfile: 'import sites.conf\n',
    'sites.conf': `:81 {\n ${proxy(4001)}\n}\n`,
  },
  'files by a pattern, relative to the file that imports them': {
    Caddyfile: 'import sites/*.caddy\n',
    'sites/b.caddy': `:82 {\n import inc/*\n}\n`,
    'sites/a.caddy': `:81 {\n import inc/one\n}`,
    'sites/a.off': `:83 {\n ${proxy(4009)}\n}`,
    'sites/inc/one': `${proxy(4001)}\n`,
    'sites/inc/two': `handle /two/* {\n ${proxy(4002)}\n}`,
  },
  'files in folders by a pattern': {
    Caddyfile: 'import */site\n',
    'one/site': `:81 {\n ${proxy(4001)}\n}\n`,
    'two/site': `:82 {\n ${proxy(4002)}\n}\n`,
  },
  'a pattern that matches nothing': { Caddyfile: `import no/*\n:81 {\n ${proxy(4001)}\n}\n` },
  'a file with arguments, and without a line end': {
    Caddyfile: 'import site :81 400\nimport site :82 401\n',
    site: `{args.0} {\n ${proxy('{args.1}1')}\n}`,
  },
  'a snippet with arguments, through another one and from a file': {
    Caddyfile: `{
  admin off
}
(slow) {
  transport http {
    read_timeout {args.0}
  }
}
(to) {
  ${proxy('{args.0}')} {
    import slow {args.1}
  }
}
import site
:81 {
  import to 4001 30s
}
`,
    site: ':82 {\n handle_path /x/* {\n  import to 4002 "1m"\n }\n}\n',
  },
  'a snippet of a file, before what is in the file of its name': {
    Caddyfile: 'import snippets\n:81 {\n import to\n}\n',
    snippets: `(to) {\n ${proxy(4001)}\n}\n`,
    to: `${proxy(4009)}\n`,
  },
  'a site without braces': { Caddyfile: 'import site\n', site: `:81\n${proxy(4001)}\n` },
  'a snippet that comes later: Caddy does not start': {
    Caddyfile: `:81 {\n import to\n}\n(to) {\n ${proxy(4001)}\n}\n`,
  },
  'a file that is not there: Caddy does not start': { Caddyfile: ':81 {\n import nosuch\n}\n' },
  'a circle: Caddy does not start': {
    Caddyfile: 'import other\n',
    other: `import Caddyfile\n`,
  },
  'a circle of snippets: Caddy does not start': {
    Caddyfile: '(a) {\n import b\n}\n(b) {\n import a\n}\n:81 {\n import a\n}\n',
  },
  'two stars: Caddy does not start': {
    Caddyfile: 'import sites/*/*\n',
    'sites/a/b': `:81 {\n ${proxy(4001)}\n}\n`,
  },
};

describe.runIf(hasCaddy)('Caddy', () => {
  it.each(Object.entries(trees))('imports %s', (name, tree) => {
    const root = unpackedRoot(inCaddysFolder(tree));
    const caddy = spawnSync('caddy', ['adapt', '--config', 'Caddyfile', '--adapter', 'caddyfile'], {
      cwd: path.join(root, 'etc/caddy'),
      encoding: 'utf8',
      env: { PATH: process.env['PATH'], HOME: root },
    });
    const passages = passagesOf(ownFilesOf(hostOf(inCaddysFolder(tree))), undefined);
    expect(caddy.status === 0).toBe(!name.endsWith('does not start'));
    expect(
      passages
        .map(({ port, upstream, pace }) => `${port} ${upstream.slice(7)} ${pace?.limits[0]?.seconds ?? '-'}`)
        .toSorted(),
    ).toEqual(caddy.status === 0 ? proxiesIn(JSON.parse(caddy.stdout)) : []);
  });
});

function inCaddysFolder(tree: Tree): Tree {
  return Object.fromEntries(Object.entries(tree).map(([file, text]) => [`etc/caddy/${file}`, text]));
}

it('follows no link out of the tree, and stops at a limit', () => {
  const outside = unpackedRoot({ site: `:81 {\n ${proxy(4001)}\n}\n` });
  const linked = { 'sites/out': { link: `${outside}/site` }, folder: { link: outside } };
  const text = `import sites/*\nimport folder/*\nimport ${outside}/site\nimport ../../../..${outside}/site\n`;
  const of = (tree: Tree) => passagesOf(ownFilesOf(hostOf(inCaddysFolder(tree))), undefined);
  expect(of({ ...linked, Caddyfile: text })).toEqual([]);
  const snippet = (_: unknown, index: number) =>
    `(s${index + 1}) {\n import s${index}\n import s${index}\n}\n`;
  const doubled = `(s0) {\n ${proxy(4001)}\n}\n${Array.from({ length: 40 }, snippet).join('')}:81 {\n import s40\n}\n`;
  expect(of({ Caddyfile: doubled }).length).toBeLessThan(1_000);
  const longer = (_: unknown, index: number) =>
    `(s${index + 1}) {\n import s${index} ${'{args.0}'.repeat(20)}\n}\n`;
  const grown = `(s0) {\n ${proxy('{args.0}')}\n}\n${Array.from({ length: 15 }, longer).join('')}:81 {\n import s15 4\n}\n`;
  expect(of({ Caddyfile: grown })).toEqual([]);
  const deeper = (_: unknown, index: number) =>
    `(s${index + 1}) {\n${'handle {\n'.repeat(90)}import s${index}\n${'}\n'.repeat(91)}`;
  const nested = `(s0) {\n ${proxy(4001)}\n}\n${Array.from({ length: 900 }, deeper).join('')}:81 {\n import s900\n}\n`;
  expect(of({ Caddyfile: nested })).toEqual([]);
});

/** Of each server: its port, the upstream, and the time limit of the transport. */
function proxiesIn(document: unknown): readonly string[] {
  const servers = fieldOf(fieldOf(fieldOf(document, 'apps'), 'http'), 'servers');
  return Object.values(isMapping(servers) ? servers : {})
    .flatMap(server => {
      const port = /:(\d+)/.exec(JSON.stringify(fieldOf(server, 'listen')))?.[1];
      return upstreamsIn(server).map(upstream => `${port} ${upstream}`);
    })
    .toSorted();
}

function upstreamsIn(value: unknown): readonly string[] {
  if (typeof value !== 'object' || value === null) return [];
  const dialled = fieldOf(value, 'upstreams');
  if (!Array.isArray(dialled)) return Object.values(value).flatMap(upstreamsIn);
  const nanoseconds = fieldOf(fieldOf(value, 'transport'), 'read_timeout');
  const seconds = typeof nanoseconds === 'number' ? nanoseconds / 1e9 : '-';
  return dialled.map(each => `${String(fieldOf(each, 'dial'))} ${seconds}`);
}
