/* oxlint-disable typescript/no-unsafe-type-assertion -- readers are given what they look at, and no more */
/**
 * All readers of foreign text, each with the pieces of which slow texts for it can be made. Every new reader of foreign text is
 * added here.
 */
import { configuredPort } from './programs.ts';
import { isOwnHook } from '../../src/check/own-hooks.ts';
import { secretsIn } from '../../src/secrets/secret-places.ts';
import { isSecret, looksSecret } from '../../src/secrets/recognition.ts';
import { commandsIn, parseShellScript } from '../../src/services/shell/script.ts';
import { shownArguments } from '../../src/check/shown-arguments.ts';
import { suppressionsOf } from '../../src/check/suppression.ts';
import { versionManagerOf } from '../../src/check/version-managers.ts';
import { waitsOf } from '../../src/check/waits.ts';
import { readConfiguration } from '../../src/config/read.ts';
import { withVariables } from '../../src/failover/dotenv.ts';
import { readStatistics } from '../../src/failover/front/statistics.ts';
import { readGuards } from '../../src/services/front-config.ts';
import { readPlaces } from '../../src/services/front.ts';
import { withValue } from '../../src/services/json5-edit.ts';
import { authoritiesOfNode } from '../../src/failover/live/gateway-environment.ts';
import { breakLines } from '../../src/report/wrap.ts';
import { withoutSecrets } from '../../src/secrets/redaction.ts';
import { printable } from '../../src/report/printable.ts';
import { withoutFix } from '../../src/transaction/edited-since.ts';
import { readHostsFile } from '../../src/routes/destination.ts';
import { passagesOf } from '../../src/routes/reverse-proxy.ts';
import { forwardsOf } from '../../src/routes/ssh.ts';
import { eventsIn } from '../../src/http/events.ts';
import { parseJson5 } from '../../src/services/json5.ts';
import { telegramChats } from '../../src/services/openclaw-chats.ts';
import { readLitellmConfig } from '../../src/services/litellm-config.ts';
import { readOpenclawConfig } from '../../src/services/openclaw-config.ts';
import { openclawRefusals } from '../../src/services/openclaw-schema.ts';
import { readComposeProject } from '../../src/services/containers/compose-project.ts';
import { containerOfRun } from '../../src/services/containers/of-program.ts';
import { readQuadlet } from '../../src/services/containers/quadlet.ts';
import { readSimpleCommand } from '../../src/services/shell/simple-command.ts';
import { unwrap } from '../../src/services/wrappers.ts';
import { readPasswd } from '../../src/systemd/host/passwd.ts';
import { installedVersion } from '../../src/systemd/host/version.ts';
import { nearest } from '../../src/systemd/nearest.ts';
import { parseUnitFile } from '../../src/systemd/unit-file.ts';
import { parseUnitName, unescapeUnitName, unescapeUnitPath } from '../../src/systemd/unit-name.ts';
import { dependsOnInstance } from '../../src/systemd/unit-specifiers.ts';
import { parseCommandLines } from '../../src/systemd/values/command-line.ts';
import { parseEnvironmentFile } from '../../src/systemd/values/environment-file.ts';
import { parseExitStatusWords } from '../../src/systemd/values/exit-status.ts';
import { globMatcher } from '../../src/systemd/values/glob.ts';
import { parseMode } from '../../src/systemd/values/mode.ts';
import { isAbsolutePath, simplifyPath } from '../../src/systemd/values/path.ts';
import { parseResourceLimit } from '../../src/systemd/values/resource-limit.ts';
import { parseSignal } from '../../src/systemd/values/signal.ts';
import { parsePermyriad, parseSize } from '../../src/systemd/values/size.ts';
import { expandSpecifiers } from '../../src/systemd/values/specifier.ts';
import { formatTimeSpan, parseNanoseconds, parseTimeSpan } from '../../src/systemd/values/time-span.ts';
import { extractWords } from '../../src/systemd/values/words.ts';
import { filesOf } from './files.ts';

export interface Reader {
  readonly name: string;
  /** What the reader looks for: single characters, and beginnings that make it look further. */
  readonly pieces: readonly string[];
  /** Text before all pieces. */
  readonly head?: string;
  /** Text after all pieces. */
  readonly tail?: string;
  /** The greatest length in characters, for texts that cannot be as long as others. */
  readonly longest?: number;
  readonly read: (text: string) => unknown;
}

const paths = { directory: '/a', home: '/a' };
const noVariable = () => undefined;
const lines = ['\n', '#', ';', '\\\n', '\r', '\0', ' ', '\t', 'a', '='];

export const readers: readonly Reader[] = [
  {
    name: 'unit file',
    pieces: [...lines, '[', ']', '[Service]\n', 'K=v\n', '\ufeff'],
    head: '[Service]\n',
    read: text => parseUnitFile(text, 257),
  },
  {
    name: 'words',
    pieces: [' ', '\\', '"', "'", 'a', '\\x41', '\\xff', '"a" '],
    read: text =>
      [
        {},
        { unquote: true, cUnescape: true },
        { unquote: true, relax: true, unescapeRelax: true },
        { retainEscape: true },
        { separators: ':', keepEmpty: true, unescapeSeparators: true },
      ].map(options => extractWords(text, options)),
  },
  {
    name: 'command lines',
    pieces: [' ', ';', '\\; ', '; ', '-', '@', '|', '/a', '/', '.', '"', "'", '\\', '\\q', '%', 'a'],
    head: '/bin/a ',
    read: text => [246, 252, 262].map(version => parseCommandLines(text, { version })),
  },
  {
    name: 'command path',
    pieces: ['/', '.', '../', 'a', '-', '@'],
    head: '/',
    read: text => parseCommandLines(text, { version: 262 }),
  },
  {
    name: 'environment file',
    pieces: [...lines, '"', "'", '$', 'export ', 'A='],
    read: text => [252, 257].map(version => parseEnvironmentFile(text, version)),
  },
  {
    name: 'time span',
    pieces: [' ', '1', '.', 's', 'min', '1s ', 'infinity', '+', '-', 'a'],
    read: text => [parseTimeSpan(text), parseNanoseconds(text), formatTimeSpan(text.length)],
  },
  {
    name: 'exit statuses',
    pieces: [' ', '1', 'SIGTERM ', 'DATAERR ', '"', 'a', ':'],
    read: text => parseExitStatusWords(text, 257),
  },
  {
    name: 'numbers',
    pieces: ['0', '1', ' ', '.', '%', '-', '+', 'K', ':', 'x', 'a', 'SIG', 'infinity'],
    read: text => [
      parseSize(text),
      parsePermyriad(text),
      parseMode(text),
      parseSignal(text),
      parseResourceLimit(text, 'bytes'),
    ],
  },
  {
    name: 'paths',
    pieces: ['/', '.', '..', 'a', '/./', '/../'],
    read: text => [simplifyPath(text), isAbsolutePath(text)],
  },
  {
    name: 'unit name',
    pieces: ['a', '@', '.', '-', '\\x2d', '\\', '.service', ':'],
    read: text => [
      parseUnitName(text),
      parseUnitName(`${text}.service`),
      unescapeUnitName(text),
      unescapeUnitPath(text),
    ],
  },
  {
    name: 'specifiers',
    pieces: ['%', '%%', '%i', '%h', 'a'],
    read: text => [expandSpecifiers(text, () => '/home/ada'), dependsOnInstance(text)],
  },
  {
    name: 'glob and name',
    pieces: ['*', '?', '[', ']', '[!a]', '*a', '\\', 'a', '-', '[:alpha:]'],
    longest: 1024,
    tail: 'b',
    read: text =>
      ['glob', 'ssh', 'stars'].map(syntax => globMatcher(text, syntax as 'glob')('a'.repeat(1024))),
  },
  {
    name: 'nearest name',
    pieces: ['a', 'Restart'],
    read: text => nearest(text, ['Restart', 'a'.repeat(255)]),
  },
  {
    name: 'passwd',
    pieces: [':', '/', '\n', 'a:x:1000:1000::', 'a', '1'],
    head: 'a:x:1000:1000::/',
    read: text => readPasswd(filesOf({ '/etc/passwd': text }).host),
  },
  {
    name: 'version',
    pieces: [
      '-',
      '.',
      '1',
      'systemd ',
      '\n',
      '(',
      'libsystemd-shared-',
      '.so',
      'Version: ',
      'Package: systemd\n',
    ],
    read: text =>
      installedVersion(
        filesOf({
          '/var/lib/dpkg/status': text,
          [`/usr/lib/systemd/${text.slice(0, 200).replaceAll(/[/\n]/g, '')}`]: '',
        }).host,
      ),
  },
  {
    name: 'suppression',
    pieces: ['# daruma: ignore ', 'a', ',', ' ', '\t', ', ', '\\\n', '#', '\n'],
    head: '# daruma: ignore a',
    read: text =>
      suppressionsOf(
        { fragment: '/u', dropIns: [] } as never,
        { parse: () => parseUnitFile(`[Service]\n${text}\nX=1\\\n${text}\n`) } as never,
      ),
  },

  {
    name: 'shell script',
    pieces: [
      'if ',
      'if a; then ',
      'elif a; then ',
      'else ',
      'fi\n',
      'while ',
      'while a; do ',
      'do ',
      'done ',
      'for ',
      'for i in ',
      'case ',
      'case a in ',
      'esac ',
      ';;',
      'a) ',
      '$(',
      '$((',
      '((',
      '${',
      '`',
      '"',
      "'",
      '\\',
      '(',
      ')',
      '{ ',
      '} ',
      'f() ',
      'f() {',
      'function ',
      '<<a ',
      '<<a\n',
      '&& ',
      '| ',
      '& ',
      '; ',
      '\n',
      'a ',
      '! ',
      '# ',
    ],
    read: text => [...commandsIn(parseShellScript(text))].length,
  },
  {
    name: 'waits',
    pieces: [
      'if ',
      'if a; then ',
      'fi\n',
      'while a; do ',
      'while true; do ',
      'done\n',
      'for i in $(seq 2); do ',
      'for i in {1..3}; do ',
      'for ((i=0; i<3; i++)); do ',
      'f() {',
      'f;f;}\n',
      'f\n',
      '/self\n',
      '. /self\n',
      'sh -c ',
      "sh -c '",
      'timeout 5 ',
      'env ',
      'sleep 1\n',
      'curl ',
      '$n -lt ',
      'SECONDS - a ',
      '$(( ',
      '(( ',
      '))',
      ')) -lt 5 ',
      '< ',
      '>= ',
      'a ',
      'a',
      ' ',
      '-',
      'n=$((n+1))\n',
      '$',
      '$((a',
      '\n',
    ],
    tail: ' sleep 1',
    read: text => waitsOf(['/bin/sh', '/self'], () => text),
  },
  {
    name: 'a loop and what it is held against',
    pieces: ['$((', '(', ')', ' ', 'a', '-', '$', '{', '}', '$n -lt', '<', '=', '"', '+'],
    head: 'while ',
    tail: '; do sleep 1; done',
    read: text => waitsOf(['sh', '-c', text], () => undefined),
  },
  {
    name: 'arguments of commands',
    pieces: [
      '--token=',
      '--',
      '-',
      'a',
      '=',
      ':',
      '//',
      'https://',
      '@',
      '?key=',
      '&',
      ' ',
      'authorization: ',
      'bearer ',
      'token',
      'sk-',
      '/',
      '.',
      '"',
      '$(',
    ],
    read: text => [
      shownArguments(['/bin/a', text, text], () => undefined),
      shownArguments(['sh', '-c', text], () => undefined),
      shownArguments(text.split(' '), () => undefined),
    ],
  },
  {
    name: 'secret values',
    pieces: [
      'a',
      'A',
      '_',
      '-',
      '.',
      '/',
      ':',
      '://',
      '@',
      '1',
      'sk-',
      'eyJ',
      '.eyJ',
      'hooks.slack.com/',
      'discord.com/api/webhooks/',
      '-----BEGIN ',
      'Bearer ',
      ' ',
      '${',
      'x',
      'a://',
      'a+',
    ],
    read: text => [
      looksSecret(text),
      isSecret('token', text),
      isSecret(text, 'sk-aaaaaaaaaaaaaaaaaaaa'),
      isSecret('authorization', text),
    ],
  },
  {
    name: 'secrets in environment files',
    pieces: ['TOKEN=', 'A', '=', '\n', '"', 'sk-a'],
    read: text => secretsIn(text, 'environment', 257),
  },
  {
    name: 'secrets of a front',
    pieces: ['setenv', ' ', 'A_API_KEY', "'", '\\', '\n', 'sk-a'],
    read: text => secretsIn(text, 'haproxy', 257),
  },
  {
    name: 'statistics of a front',
    pieces: ['# pxname,svname,lastchg', ',', 'answer', 'local', '\n', 'Uptime_sec: 4'],
    read: readStatistics,
  },
  {
    name: 'the places of a front',
    pieces: ['listen', ' ', 'server', 'http-request set-path ', '%[path]', '\n', 'ssl'],
    read: readPlaces,
  },
  {
    name: 'the guards of a front',
    pieces: ['bind ', '127.0.0.1:1', ',', '${A}', '"', 'http-request return ', '(x-daruma-front)', ' ', '\n'],
    read: text => readGuards(text, () => undefined),
  },
  {
    name: 'secrets in JSON5',
    pieces: ['[', '{', '{a:', ']', '}', ',', '"', 'a', ':', '//', '/*', '\n', '{token:"a",'],
    read: text => secretsIn(text, 'json5', 257),
  },
  {
    name: 'secrets in YAML',
    pieces: [
      '[',
      '{',
      '{a: ',
      '- ',
      '? ',
      'a: ',
      'a:\n',
      '&a ',
      '*a ',
      '!!a ',
      '"',
      "'",
      ',',
      '\n',
      ' ',
      '|\n',
      '#',
    ],
    longest: 65_536,
    read: text => secretsIn(text, 'yaml', 257),
  },
  {
    name: 'version managers',
    pieces: [
      '/',
      'mise/installs/',
      '/mise/installs/a/1.2.3',
      '/.pnpm/',
      'a@1',
      '.nvm/versions/',
      '1.',
      '/.asdf/installs/',
      '/usr/',
    ],
    read: text => versionManagerOf(text),
  },
  {
    name: 'own hooks',
    pieces: ['daruma', ' notify', ' hook', 'a', ' ', '/'],
    read: text => [isOwnHook(['sh', '-c', text]), isOwnHook(text.split(' '))],
  },
  {
    name: 'shell command',
    pieces: [
      'a ',
      '$',
      '${',
      '${a}',
      '$a',
      '"',
      "'",
      '\\',
      '&& ',
      '; ',
      '>',
      '> a',
      '2>',
      '#',
      '\n',
      '\\\n',
      'cd ',
      'export a=',
      'exec ',
      '`',
      '~',
    ],
    read: text => readSimpleCommand(text, () => 'a b'),
  },
  {
    name: 'wrappers',
    pieces: [
      'env ',
      'env -S ',
      'sh -c ',
      'timeout 1 ',
      'nice ',
      '-',
      'a=b ',
      'npx ',
      'exec ',
      '"',
      '\\',
      "'",
      'uv run ',
      'sudo ',
    ],
    read: text => [
      unwrap(text.split(' '), noVariable),
      unwrap(['env', '-S', text], noVariable),
      unwrap(['sh', '-c', text], noVariable),
    ],
  },
  {
    name: 'docker run',
    pieces: [
      '-p',
      ' ',
      '1:2',
      ':',
      '-',
      '--',
      '/',
      '-v ',
      'a:/b',
      '-e ',
      'A=b',
      '[',
      ']',
      '~',
      '-dit',
      'litellm',
    ],
    read: text =>
      containerOfRun(
        {
          words: text.split(' '),
          name: 'a',
          source: { file: '/a', line: 1 },
          paths,
          variable: noVariable,
          isComplete: true,
        },
        filesOf({}),
      ),
  },
  {
    name: 'variables of compose',
    pieces: ['$', '{', '}', '${', '${A:-', '${A+', 'A', '$$', ':', '-', ' ', '${A:?'],
    head: 'services: {litellm: {image: litellm, command: "',
    tail: '"}}\n',
    read: text =>
      readComposeProject(
        { ...paths, files: [], environmentFiles: [], project: undefined, variable: () => 'a' },
        filesOf({ '/a/compose.yaml': text }),
      ),
  },
  {
    name: 'quadlets',
    pieces: [
      'Image=a',
      '\n',
      'Volume=',
      '%h',
      '%',
      ':',
      '"',
      'Exec=',
      'Environment=',
      ' ',
      '\\\n',
      'PublishPort=',
      '1:',
    ],
    head: '[Container]\nImage=litellm\n',
    read: text => readQuadlet('/a/a.container', '/a', filesOf({ '/a/a.container': text })),
  },
  {
    name: 'addresses of programs',
    pieces: ['/', ':', '1', 'a', '"', "'", '[', ']', '//', 'http://', '.', '-', ' ', 'models--', '--'],
    read: text => configuredPort(text),
  },

  {
    name: 'JSON5',
    pieces: [
      '[',
      '{',
      '{a:',
      ']',
      '}',
      ',',
      '"',
      "'",
      'a',
      ':',
      '//',
      '/*',
      '*',
      '\n',
      '1',
      '+',
      '.',
      '\\',
      '\\u0061',
      '$',
      ' ',
    ],
    read: text => {
      try {
        return parseJson5(text);
      } catch (error) {
        if (error instanceof RangeError) throw error;
        return undefined;
      }
    },
  },
  {
    name: 'chats of OpenClaw',
    pieces: [
      '"telegram:1",',
      '"tg:-1:topic:1",',
      '"accessGroup:a",',
      '"accessGroup:b",',
      '1,',
      '"${A}",',
      '[',
      ' ',
      '"',
    ],
    head: '{accessGroups:{a:{members:{telegram:["accessGroup:a","accessGroup:b"]}}},commands:{ownerAllowFrom:["telegram:1"]},channels:{telegram:{allowFrom:[',
    tail: ']}}}',
    read: text => {
      const files = filesOf({
        '/c/openclaw.json': text,
        '/c/credentials/telegram-allowFrom.json': `{"allowFrom":${text}`,
        '/c/agents/a/sessions/sessions.json': `[${text}]`,
      });
      const config = readOpenclawConfig(
        { file: '/c/openclaw.json', stateFolder: '/c' },
        { files, variable: () => undefined, isComplete: true },
      );
      return telegramChats(config, 'default', files.host, () => {});
    },
  },
  {
    name: 'openclaw.json',
    pieces: [
      '[',
      '{',
      '{a:',
      ']',
      '}',
      ',',
      '"${A}',
      '${A}',
      '$${',
      '"',
      ':',
      '/*',
      '\n',
      '{$include:"./openclaw.json",',
      '{$include:["./a","./a","./b"]},',
      'models:{providers:{a:{',
    ],
    head: '{x:"${A}",',
    read: text => {
      const config = readOpenclawConfig(
        { file: '/c/openclaw.json', stateFolder: '/c' },
        {
          files: filesOf({
            '/c/openclaw.json': text,
            '/c/a': '{$include:["./b","./b","./d","./d"]}',
            '/c/b': '{$include:["./d","./e","./e"]}',
            '/c/d': '{$include:["./e","./e","./e","./e"]}',
            '/c/e': '[1]',
            '/c/.env': text,
          }),
          variable: () => undefined,
          isComplete: true,
        },
      );
      return openclawRefusals(config, undefined);
    },
  },
  {
    name: 'LiteLLM',
    pieces: [
      '[',
      '{',
      '{a: ',
      '- ',
      '? ',
      'a: ',
      'a:\n',
      '&a ',
      '*a ',
      '<<: *a\n',
      'a: &a {<<: *a}\n',
      'b: [*a, *a]\n',
      '!!a ',
      '"',
      "'",
      ',',
      '\n',
      ' ',
      '|\n',
      '#',
      'include: [a]\n',
    ],
    longest: 65_536,
    head: 'a: &a 1\n',
    read: text =>
      readLitellmConfig('/c.yaml', {
        files: filesOf({ '/c.yaml': text }),
        variable: noVariable,
        isComplete: false,
      }),
  },
  {
    name: 'aliases in aliases',
    pieces: ['b'],
    longest: 1,
    read: () =>
      readLitellmConfig('/c.yaml', {
        files: filesOf({
          '/c.yaml': `a0: &a0 [1]\n${Array.from({ length: 5000 }, (_, n) => `a${n + 1}: &a${n + 1} [*a${n}, *a${n}, *a${n}]\n`).join('')}`,
        }),
        variable: noVariable,
        isComplete: false,
      }),
  },
  {
    name: 'configuration',
    pieces: [
      '[',
      '{',
      '{a: ',
      '- ',
      'a: ',
      'a:\n',
      '&a ',
      '*a ',
      '!!a ',
      '"',
      '\n',
      ' ',
      'units:\n',
      'a: &a {<<: *a}\n',
      '#',
      '|\n',
    ],
    longest: 65_536,
    read: text => readConfiguration(Buffer.from(text), '/c.yaml'),
  },
  {
    name: 'configuration of many keys',
    pieces: ['b'],
    longest: 1,
    read: () =>
      readConfiguration(
        Buffer.from(
          `units:\n${Array.from({ length: 8_000 }, (_, n) => `  u${n}: &a${n} {critical: true, b: 1}\n`).join('')}`,
        ),
        '/c.yaml',
      ),
  },

  {
    name: 'ssh configuration',
    pieces: [
      'Host ',
      '*a',
      '*',
      '?',
      '!',
      'a ',
      ' ',
      '\t',
      '"',
      '=',
      '\n',
      'LocalForward ',
      'Match ',
      'a',
      '1:a:2',
    ],
    longest: 65_536,
    tail: '\n',
    read: text => forwardsOf(ssh(['a'.repeat(250)], text)),
  },
  {
    name: 'ssh arguments',
    pieces: ['-', 'L', '-L', 'v', '1:', ':', '[', ']', 'a', '@', '-o', '=', '"', ' '],
    read: text => [
      forwardsOf(ssh([text], '')),
      forwardsOf(ssh([`-L${text}`, '-o', text, `a${text}`], `LocalForward ${text}\n`)),
      forwardsOf(ssh([`a:${text}`], '')),
    ],
  },
  {
    name: 'Caddyfile',
    pieces: [
      '{ ',
      '{\n',
      '} ',
      '}\n',
      '"',
      '\\',
      '#',
      'a ',
      ', ',
      'handle /a {\n',
      'reverse_proxy ',
      '/',
      '*',
      ';',
      '\n',
      ':1',
      'http://',
      '/a/',
    ],
    longest: 65_536,
    head: 'a.b {\n',
    read: text => passagesOf(filesOf({ '/etc/caddy/Caddyfile': text }), undefined),
  },
  {
    name: 'imports of a Caddyfile',
    pieces: [
      'import ',
      'import a b\n',
      'import *\n',
      'import Caddyfile\n',
      '(a) {\n',
      'a ',
      '{args.0} ',
      '}\n',
      '*',
      '\n',
    ],
    head: '(a) {\nimport b {args.0}{args.0}\nimport b {args.0}\n}\n(b) {\nimport c {args.0}{args.0}\nimport c\n}\n',
    read: text => passagesOf(filesOf({ '/etc/caddy/Caddyfile': text }), undefined),
  },
  {
    name: 'nginx',
    pieces: [
      'server { ',
      'location / { ',
      'http { ',
      'upstream a { ',
      'proxy_pass http://a; ',
      'listen 80; ',
      'listen 1',
      'server_name a; ',
      'server a; ',
      '} ',
      '{ ',
      '; ',
      ';',
      '"',
      '#',
      '\n',
      'a ',
      '1',
    ],
    longest: 65_536,
    head: 'server { ',
    read: text => passagesOf(filesOf({ '/etc/nginx/nginx.conf': text }), undefined),
  },
  {
    name: 'cloudflared',
    pieces: [
      'ingress:\n',
      '- hostname: a\n',
      '  service: http://localhost:1\n',
      '  path: a\n',
      ' ',
      '- ',
      '\n',
      '{',
      '*a',
      '&a ',
    ],
    longest: 65_536,
    head: 'ingress:\n',
    read: text => passagesOf(filesOf({ '/etc/cloudflared/config.yml': text }), undefined),
  },
  {
    name: 'hosts',
    pieces: ['1.2.3.4 ', 'a ', '#', '\n', ' ', '\t', 'a'],
    read: text => readHostsFile(filesOf({ '/etc/hosts': text })).sameAs('a'),
  },
  {
    name: 'events of an answer',
    pieces: ['data:', 'data: ', 'event:', ':', 'a', ' ', '\n', '\r', '\r\n', '\n\n'],
    read: text => eventsIn(text, 'text/event-stream'),
  },
  {
    name: 'upstream certificates',
    pieces: ['-----BEGIN CERTIFICATE-----', '-----END CERTIFICATE-----', '-', 'a', '\n'],
    read: text => {
      return authoritiesOfNode(() => text);
    },
  },
  {
    name: '.env to be changed',
    pieces: [...lines, 'A=', '"', 'export '],
    read: text => withVariables(text, new Map([['A', 'b']])),
  },
  {
    name: 'openclaw.json to be changed',
    pieces: ['a', ' ', '\n', ',', '"a":1,', '/**/', '//a\n'],
    head: '{"b":1,',
    tail: '"z":1}',
    read: text => {
      try {
        return withValue(text, ['b', 'c'], 1);
      } catch {
        return undefined;
      }
    },
  },

  ...(['config.yaml', 'openclaw.json', '.env'] as const).map(file => ({
    name: `the undo in ${file}`,
    pieces: ['a', ' ', '\n', ',', '"a":1,', 'a: 1\n', '- a\n', '/**/', '//a\n', '#\n', 'A=1\n', '[1,'],
    head: '{"b":1,',
    tail: '"z":1}\n',
    read: (text: string) => withoutFix(file, { before: '{"b":1}\n', after: '{"b":1,"z":1}\n', now: text }),
  })),
  {
    name: 'excerpts',
    pieces: [
      'a',
      'token',
      'TOKEN=',
      '"',
      "'",
      '=',
      ':',
      ' ',
      '--',
      '-',
      '://',
      '@',
      'bearer ',
      '_',
      'sk-',
      '.',
      '\\',
    ],
    longest: 1000,
    read: text => withoutSecrets(text),
  },
  {
    name: 'what is shown',
    pieces: ['a', ' ', '\u001b[', '\u202e', '漢', '\n', '\t', '\ud83d\ude00\u200d', '-', '/'],
    read: text => [printable(text), breakLines(text, 80)],
  },
];

function ssh(args: readonly string[], config: string): Parameters<typeof forwardsOf>[0] {
  return {
    name: 'ssh',
    args,
    variable: (name: string) => (name === 'HOME' ? '/h' : undefined),
    files: filesOf({ '/h/.ssh/config': config }),
  } as never;
}
