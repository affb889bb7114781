/** Completions, driven in the shells themselves where they are installed. */
import { execFileSync, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { isRequired } from '../support/required.ts';
import { unpackedRoot } from '../support/root.ts';
import { checkout } from './daruma.ts';

const hasShell = (shell: string) => spawnSync(shell, ['--version']).status === 0;

/** What a line is completed to; the empty word at the end counts. */
const lines: readonly (readonly [string, readonly string[]])[] = [
  [
    'daruma ',
    [
      'check',
      'completion',
      'config',
      'explain',
      'failover',
      'fix',
      'new',
      'notify',
      'rules',
      'status',
      'undo',
    ],
  ],
  ['daruma st', ['status']],
  ['daruma completion ', ['bash', 'fish', 'zsh']],
  ['daruma failover ', ['apply', 'check', 'plan', 'status', 'test']],
  ['daruma config ', ['path', 'schema', 'show', 'validate']],
  [
    'daruma config validate examples/neko/home/azureuser/.openclaw/litellm/c',
    ['examples/neko/home/azureuser/.openclaw/litellm/config.yaml'],
  ],
  ['daruma status --lang ', ['en', 'zh-CN']],
  ['daruma status --format ', ['human', 'json']],
  ['daruma check --format ', ['github', 'human', 'json', 'markdown', 'sarif']],
  ['daruma check --fail-on ', ['critical', 'info', 'warning']],
  ['daruma rules linger', ['linger-off']],
  ['daruma fix --only linger', ['linger-off']],
  ['daruma explain --life', ['--lifetime']],
  ['daruma explain --on exi', ['exit:']],
  ['daruma explain --on start-p', ['start-post-timeout', 'start-post:', 'start-pre:']],
  ['daruma --root examples/neko explain ', ['copilot-api', 'litellm', 'openclaw-gateway']],
  ['daruma explain --root examples/neko litellm co', ['copilot-api']],
  ['daruma status exam', ['examples/']],
  ['daruma status examples/ne', ['examples/neko-fixed/', 'examples/neko/']],
];

let folder: string;

beforeAll(() => {
  folder = fs.mkdtempSync('/tmp/daruma-completion-');
  const main = path.join(checkout, 'bin/daruma.cjs');
  fs.writeFileSync(path.join(folder, 'daruma'), `#!/bin/sh\nexec "${process.execPath}" "${main}" "$@"\n`, {
    mode: 0o755,
  });
  return () => fs.rmSync(folder, { recursive: true });
});

function inShell(shell: string, args: readonly string[]): string {
  return execFileSync(shell, args, {
    cwd: checkout,
    encoding: 'utf8',
    env: { PATH: `${folder}:${process.env['PATH']}`, HOME: folder, TERM: 'dumb' },
  });
}

describe.runIf(isRequired || hasShell('bash'))('bash', () => {
  const drive = (line: string) => {
    const script =
      'source <(daruma completion bash); COMP_LINE=$1; COMP_POINT=${#1}; _daruma; printf "%s\\n" "${COMPREPLY[@]}"';
    const answer = inShell('bash', ['--norc', '--noprofile', '-c', script, 'bash', line]);
    return answer.split('\n').filter(Boolean).sort();
  };

  it.each(lines)('%s', (line, expected) => {
    expect(drive(line)).toEqual([...expected].sort());
  });

  it('leaves what stands before a colon to readline, which does not touch it', () => {
    expect(drive('daruma explain --on start-post:')).toEqual([]);
    expect(inShell('bash', ['--norc', '-c', 'source <(daruma completion bash); complete -p daruma'])).toBe(
      'complete -F _daruma daruma\n',
    );
  });

  it('evaluates nothing that was typed', () => {
    const witness = path.join(unpackedRoot({}), 'witness');
    drive(`daruma explain $(touch ${witness}) \`touch ${witness}\` ;touch ${witness};`);
    expect(fs.existsSync(witness)).toBe(false);
  });
});

describe.runIf(isRequired || hasShell('fish'))('fish', () => {
  it.each(lines)('%s', (line, expected) => {
    const script = 'daruma completion fish | source; complete -C $argv[1]';
    const answer = inShell('fish', ['--no-config', '-c', script, line]);
    const values = answer
      .split('\n')
      .filter(Boolean)
      .map(entry => entry.split('\t')[0] ?? '');
    expect(values.sort()).toEqual([...expected].sort());
  });
});

describe.runIf(isRequired || hasShell('zsh'))('zsh', () => {
  it.each([
    ['daruma st', 'daruma status '],
    ['daruma explain --on exi', 'daruma explain --on exit:'],
    ['daruma --root examples/neko explain lite', 'daruma --root examples/neko explain litellm '],
    ['daruma status exam', 'daruma status examples/'],
  ])('%s', (line, expected) => {
    const typed = path.join(folder, 'typed');
    const script = `
      zmodload zsh/zpty
      zpty shell zsh -f -i
      zpty -w shell 'autoload -Uz compinit; compinit -u -d ${folder}/dump; source <(daruma completion zsh)'
      zpty -w shell 'keep() { print -rn -- "$BUFFER" > ${typed}; zle kill-whole-line }; zle -N keep'
      zpty -w shell 'bindkey "^I" complete-word; bindkey "^X" keep; print READY''NOW'
      zpty -rm shell seen '*READYNOW*'
      zpty -w -n shell "$1"$'\\t\\x18'
      for try in {1..100}; do [[ -s ${typed} ]] && break; sleep 0.1; done
      zpty -d shell`;
    inShell('zsh', ['-f', '-c', script, 'zsh', line]);
    const buffer = fs.readFileSync(typed, 'utf8');
    fs.rmSync(typed);
    expect(buffer).toBe(expected);
  });
});
