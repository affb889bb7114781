/** bin/daruma.cjs: any Node can read it, however old; it chooses the language as everything else does. */
import fs from 'node:fs';
import path from 'node:path';
import vm from 'node:vm';
import { parseSync } from 'oxc-parser';
import { describe, expect, it } from 'vitest';
import manifest from '../../package.json' with { type: 'json' };
import { isMapping, textIn } from '../../src/json/value.ts';
import { chooseLanguage } from '../../src/cli/settings.ts';

const file = path.join(import.meta.dirname, '../../bin/daruma.cjs');
const source = fs.readFileSync(file, 'utf8');

/** The syntax of ECMAScript 5 as far as it is used, in the words of ESTree. */
const old: ReadonlySet<string> = new Set([
  'Hashbang',
  'Program',
  'ExpressionStatement',
  'VariableDeclaration',
  'VariableDeclarator',
  'FunctionDeclaration',
  'BlockStatement',
  'IfStatement',
  'ForStatement',
  'ReturnStatement',
  'AssignmentExpression',
  'BinaryExpression',
  'CallExpression',
  'ConditionalExpression',
  'LogicalExpression',
  'MemberExpression',
  'ObjectExpression',
  'UnaryExpression',
  'UpdateExpression',
  'Property',
  'Identifier',
  'Literal',
]);

/** What of a text only newer Nodes can read. */
function newerSyntax(text: string): string[] {
  const found: string[] = [];
  const look = (value: unknown): void => {
    if (Array.isArray(value)) value.forEach(look);
    const type = textIn(value, 'type');
    if (!isMapping(value) || type === undefined) return;
    const isNew =
      !old.has(type) ||
      (type === 'VariableDeclaration' && value['kind'] !== 'var') ||
      ['async', 'generator', 'optional', 'shorthand', 'method'].some(flag => value[flag] === true) ||
      (type === 'Property' && value['computed'] === true) ||
      ['??', '??=', '||=', '&&=', '**', '**='].includes(String(value['operator'])) ||
      (type === 'Literal' && /^(?:0[bo]|.*_|.*n$)/i.test(numberText(value['raw'])));
    if (isNew) found.push(type);
    Object.values(value).forEach(look);
  };
  const { program, errors } = parseSync('launcher.cjs', text, { sourceType: 'commonjs' });
  expect(errors).toEqual([]);
  look(program);
  return found;
}

const numberText = (raw: unknown) => (typeof raw === 'string' && /^\d/.test(raw) ? raw : '');

interface Refusal {
  readonly code: unknown;
  readonly stdout: string;
  readonly stderr: string;
  readonly loaded: readonly string[];
}

/** What it does where Node says that it has this version. */
function launch(version: string, args: readonly string[] = [], env: NodeJS.ProcessEnv = {}): Refusal {
  const loaded: string[] = [];
  let stdout = '';
  let stderr = '';
  const own = {
    argv: ['/usr/bin/node', file, ...args],
    env,
    version,
    versions: { node: version.slice(1) },
    exitCode: undefined,
    stdout: { write: (text: string) => (stdout += text) },
    stderr: { write: (text: string) => (stderr += text) },
  };
  const load = (name: string) => {
    loaded.push(name);
    return name.endsWith('package.json') ? manifest : {};
  };
  vm.runInNewContext(source.replace(/^#!.*/, ''), { process: own, require: load });
  return { code: own.exitCode, stdout, stderr, loaded };
}

describe('the launcher', () => {
  it('is written so that every Node can read it', () => {
    expect(newerSyntax(source)).toEqual([]);
  });

  it.each([
    'const a = 1;',
    'a?.b;',
    'a ?? b;',
    'f(() => 1);',
    '`${a}`;',
    'f(...a);',
    'x = { a };',
    'x = { a() {} };',
    'import("a");',
    'x = 0o22;',
    'x = 1_000;',
    'class A {}',
    'async function f() {}',
  ])('could not have %s', text => {
    expect(newerSyntax(text)).not.toEqual([]);
  });

  it.each(['v0.12.18', 'v8.17.0', 'v20.20.2', 'v22.99.0'])('refuses Node %s', version => {
    const { code, stdout, stderr, loaded } = launch(version, ['status']);
    expect({ code, stdout, loaded }).toEqual({ code: 3, stdout: '', loaded: ['../package.json'] });
    expect(stderr).toBe(
      `daruma: this is Node ${version}, and daruma needs Node 24 or newer (install it from https://nodejs.org, or put it first in PATH)\n`,
    );
  });

  it.each(['v24.0.0', process.version, 'v100.1.2'])('starts on Node %s', version => {
    expect(launch(version, ['status'])).toEqual({
      code: undefined,
      stdout: '',
      stderr: '',
      loaded: ['../package.json', '../dist/cli/main.cjs'],
    });
  });

  it.each([[['--json']], [['check', '--format', 'json']], [['--format=json', 'check']]])(
    'answers %j with a document',
    args => {
      const { code, stdout, stderr } = launch('v20.20.2', args);
      expect({ code, stderr }).toEqual({ code: 3, stderr: '' });
      expect(JSON.parse(stdout)).toEqual({
        schemaVersion: 1,
        daruma: manifest.version,
        error: {
          code: 'old-node',
          message: 'this is Node v20.20.2, and daruma needs Node 24 or newer',
          where: null,
          hint: 'install it from https://nodejs.org, or put it first in PATH',
        },
      });
    },
  );

  it('speaks the language that everything else would', () => {
    const locales = [undefined, '', 'C', 'en_GB.UTF-8', 'zh_CN.UTF-8', 'zh_CN.GBK', 'zh', 'ZH-cn', 'zhx'];
    for (const wanted of locales) {
      for (const LC_ALL of locales) {
        for (const LANG of locales) {
          const env = { LC_ALL, LANG };
          const { stderr } = launch('v20.0.0', wanted === undefined ? [] : ['--lang', wanted], env);
          expect(stderr).toMatch(chooseLanguage(wanted, env) === 'zh-CN' ? /需要 Node 24/ : /needs Node 24/);
        }
      }
    }
  });
});
