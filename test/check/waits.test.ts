import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { totalSeconds, waitsOf } from '../../src/check/waits.ts';

const endless = Number.POSITIVE_INFINITY;
const noScripts = () => undefined;

function secondsOf(...words: readonly string[]): number {
  return totalSeconds(waitsOf(words, noScripts));
}

function secondsOfText(text: string): number {
  return secondsOf('/bin/sh', '-c', text);
}

describe('a single command', () => {
  it.each([
    [['/bin/sleep', '5'], 5],
    [['sleep', '1m', '30'], 90],
    [['sleep', 'infinity'], endless],
    [['curl', '-s', 'http://127.0.0.1:4000/'], endless],
    [['curl', '--connect-timeout', '3', 'http://127.0.0.1:4000/'], endless],
    [['curl', '-sS', '-m', '5', 'http://127.0.0.1:4000/'], 5],
    [['curl', '-fsSm5', 'http://127.0.0.1:4000/'], 5],
    [['curl', '--max-time', '5', '--retry', '3', 'http://x/'], 5 * 4 + 1 + 2 + 4],
    [['curl', '-m', '5', '--retry', '3', '--retry-delay', '2', 'http://x/'], 5 * 4 + 3 * 2],
    [['curl', '-m', '5', '--retry', '60', '--retry-max-time', '30', 'http://x/'], 35],
    [['curl', '-o', '-m', 'http://x/'], endless],
    [['wget', '-q', 'http://x/'], endless],
    [['wget', '-T', '3', '-t', '2', '--waitretry=1', 'http://x/'], 7],
    [['timeout', '5', 'curl', 'http://x/'], 5],
    [['/usr/bin/timeout', '-k', '1', '5', '/usr/bin/python3', 'notify.py'], 6],
    [['timeout', '10', 'sleep', '2'], 2],
    [['timeout', '0', 'sleep', '2'], 2],
    [['env', 'LANG=C', 'nice', '-n', '5', 'sleep', '2'], 2],
    [['/usr/bin/systemd-notify', '--ready'], 0],
    [['/usr/bin/python3', '/opt/notify.py'], 0],
  ] as const)('%j takes %d s', (words, seconds) => {
    expect(secondsOf(...words)).toBe(seconds);
  });
});

describe('a shell text', () => {
  it.each([
    ['sleep 2; sleep 3 && true', 5],
    ['sleep 30 & sleep 1', 1],
    ['(sleep 30; curl x) & true', 0],
    ['echo "sleep 5" # sleep 6', 0],
    ['for i in $(seq 1 30); do sleep 1; done', 30],
    ['for i in $(seq 5); do sleep 2; done', 10],
    ['for i in $(seq 0 2 10); do sleep 1; done', 6],
    ['for i in `seq 1 4`; do sleep 1; done', 4],
    ['for i in {1..30}; do sleep 1; done', 30],
    ['for i in {10..1..3}; do sleep 1; done', 4],
    ['for i in a b c; do sleep 1; done', 3],
    ['for ((i=0; i<30; i++)); do sleep 2; done', 60],
    ['for ((i=30; i>=0; i--)); do sleep 1; done', 31],
    ['TRIES=7; for i in $(seq 1 $TRIES); do sleep 1; done', 7],
    ['for i in $(seq 1 ${TRIES:-9}); do sleep 1; done', 9],
    ['for i in $(seq 1 $UNKNOWN); do sleep 1; done', 1],
    ['for i in 1 2; do for j in 1 2 3; do sleep 1; done; done', 6],
    ['n=0; while [ $n -lt 30 ]; do sleep 1; n=$((n+1)); done', 30],
    ['n=30; while [ "$n" -gt 0 ]; do n=$((n - 1)); sleep 1; done', 30],
    ['i=0; until curl -m 1 x; do i=$((i+1)); [ $i -ge 10 ] && exit 1; sleep 1; done', 20],
    ['i=0; while true; do ((i++)); if (( i > 5 )); then break; fi; sleep 1; done', 5],
    ['while [ $SECONDS -lt 45 ]; do sleep 1; done', 45],
    ['start=$(date +%s); while [ $(( $(date +%s) - start )) -lt 20 ]; do sleep 1; done', 20],
    ['until curl -sf http://127.0.0.1:4000/health; do sleep 1; done', endless],
    ['until systemctl --user is-active litellm; do sleep 1; done', endless],
    ['while ! nc -z localhost 4000; do sleep 0.1; done', endless],
    ['while true; do echo x; done', endless],
    ['while :; do code=$(curl -m 1 x); [ "$code" -eq 200 ] && break; sleep 1; done', endless],
    ['while [ $# -gt 0 ]; do shift; done', 0],
    ['while read -r line; do sleep 1; done < list', 1],
    ['if true; then sleep 2; elif false; then sleep 9; else sleep 3; fi', 9],
    ['case $1 in start) sleep 4;; (stop) sleep 5; sleep 1;; *) true;; esac; sleep 1', 7],
    ['wait_for() { sleep 4; }; wait_for; wait_for', 8],
    ['function later { sleep 4; }', 0],
    ['x=$(sleep 3; echo 1); y=`sleep 2`', 5],
    ['exec timeout 5 curl x', 5],
    ['cat <<EOF\nsleep 100\nEOF\nsleep 1', 1],
    ['sleep \\\n 5', 5],
    ['DELAY=4\nsleep $DELAY', 4],
    ["sh -c 'sleep 6'", 6],
  ] as const)('%s', (text, seconds) => {
    expect(secondsOfText(text)).toBe(seconds);
  });

  it('is read to the end whatever it is', () => {
    for (const text of [
      'if',
      'for',
      'case x in',
      '((',
      '$(',
      '"',
      '`',
      "'",
      ')',
      'done; fi; }',
      'a() ',
      '<<',
      '\\',
    ]) {
      expect(secondsOfText(`${text}\nsleep 1`)).toBeGreaterThanOrEqual(0);
    }
  });
});

describe('a script', () => {
  const notify = path.join(
    import.meta.dirname,
    '../../examples/neko/home/azureuser/.openclaw/scripts/notify-restart.sh',
  );
  const readNotify = (file: string) =>
    file.endsWith('notify-restart.sh') ? fs.readFileSync(notify, 'utf8') : undefined;

  it('says where it waits, line by line: the notice of a restart that asks without a limit', () => {
    const waits = waitsOf(['/bin/bash', '/opt/notify-restart.sh'], readNotify);
    expect(waits.map(({ kind, program, seconds, script }) => [kind, program, seconds, script?.line])).toEqual(
      [
        ['request', 'curl', endless, 4],
        ['request', 'curl', endless, 15],
        ['sleep', 'sleep', 30, 8],
      ],
    );
  });

  it('is ended by timeout', () => {
    expect(totalSeconds(waitsOf(['timeout', '5', 'bash', '/opt/notify-restart.sh'], readNotify))).toBe(5);
  });

  it('is read when it is run directly, sourced, or by another one', () => {
    const files: Readonly<Record<string, string>> = {
      '/opt/a': '#!/bin/sh\n. /opt/lib.sh\n/opt/b',
      '/opt/lib.sh': 'PAUSE=3',
      '/opt/b': '#!/usr/bin/env bash\nsleep 2',
      '/opt/python': '#!/usr/bin/python3\nsleep 100',
    };
    const read = (file: string) => files[file];
    expect(totalSeconds(waitsOf(['/opt/a'], read))).toBe(2);
    expect(waitsOf(['/opt/a'], read)[0]?.script).toEqual({ file: '/opt/b', line: 2 });
    expect(waitsOf(['/opt/python'], read)).toEqual([]);
  });

  it('that calls itself again and again ends the reading, not the reader', () => {
    const text = `f() { ${'f; '.repeat(200)}sleep 1; }; f`;
    expect(totalSeconds(waitsOf(['sh', '-c', text], noScripts))).toBeLessThan(20_000);
  });

  it('that runs itself ends the reading, not the reader', () => {
    expect(totalSeconds(waitsOf(['/opt/self'], () => '#!/bin/sh\nsleep 1\n/opt/self'))).toBeLessThan(20);
  });
});
