import { expect } from 'vitest';
import { printable } from '../../src/report/printable.ts';
import type { RunResult } from './daruma.ts';

/** The failure's one line on stderr, held against the document that programs get. */
export async function failureOf(
  args: readonly string[],
  runDaruma: (args: readonly string[]) => RunResult | Promise<RunResult>,
): Promise<{ code: number | null; line: string }> {
  const { code, stdout, stderr } = await runDaruma(args);
  expect(stdout).toBe('');
  expect(stderr).toMatch(/^daruma: [^\n]+\n$/);
  expect(stderr).not.toMatch(/\bat .*:\d+:\d+/);
  const separator = args.indexOf('--');
  const asked = separator === -1 ? [...args, '--json'] : args.toSpliced(separator, 0, '--json');
  const document = await runDaruma(asked);
  expect({ code: document.code, stderr: document.stderr }).toEqual({ code, stderr: '' });
  const { message, hint } = JSON.parse(document.stdout).error;
  const line = stderr.slice('daruma: '.length, -1);
  // What JSON escapes is spelt out for a terminal.
  expect(line).toBe(printable(hint === null ? message : `${message} (${hint})`));
  return { code, line };
}
