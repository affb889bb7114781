/** Texts that try to control terminals, CI runners or renderers, and checks that are independent of daruma's own rules. */
import fc from 'fast-check';

const pieces = [
  '\u001b[31m',
  '\u001b[8m',
  '\u001b]0;owned\u0007',
  '\u001b[2J',
  '\u009b2J',
  '\u0085',
  '\u007f',
  '\b\b',
  '\r',
  '\t',
  '\u061c',
  '\u200e',
  '\u200f',
  '\u202a',
  '\u202e',
  '\u2066',
  '\u2069',
  '\u2028',
  '\u2029',
  '\u00ad',
  '\u200b',
  '\ufeff',
  '\u{e0041}',
  '::error::owned',
  '::error file=a::owned',
  '::stop-commands::owned',
  '##[error]owned',
  '##vso[task.complete]owned',
  '<img src=x onerror=alert(1)>',
  '[owned](http://owned.example)',
  '![owned](http://owned.example/x.png)',
  'https://owned.example/a',
  'www.owned.example',
  'a@owned.example',
  '`',
  '```',
  '|',
  '&lt;',
  '%0A::error::owned',
  '服务',
  ' ',
  'x',
] as const;

/** Hostile text without a line feed, which few places can contain. */
export const hostileText = fc
  .array(fc.constantFrom(...pieces), { minLength: 1, maxLength: 5 })
  .map(parts => parts.join(''));

/** Hostile file names: without a slash, but possibly with a line feed. */
export const hostileFileName = fc
  .array(fc.constantFrom(...pieces, '\n::error::line', '\nOWNED LINE'), { minLength: 1, maxLength: 4 })
  .map(parts => parts.join('').replaceAll('/', '-'));

/** Hostile names that systemd accepts for units: letters, digits and `:_.\-@`. */
export const hostileUnitName = fc.constantFrom(
  '::error::owned',
  '::error file=a::owned',
  '::add-mask::a',
  '-Hevil',
  'www.owned.example',
  'a@owned.example',
  '_a_b_',
  String.raw`a\x1b`,
);

/** Characters of a text that a terminal does not show or treats as commands. */
export function unseen(text: string): readonly string[] {
  return Array.from(text).filter(sign => {
    const code = sign.codePointAt(0) ?? 0;
    return ranges.some(([first, last]) => code >= first && code <= last);
  });
}

const ranges: readonly (readonly [number, number])[] = [
  [0x00, 0x09],
  [0x0b, 0x1f],
  [0x7f, 0x9f],
  [0xad, 0xad],
  [0x61c, 0x61c],
  [0x200b, 0x200f],
  [0x2028, 0x202e],
  [0x2060, 0x206f],
  [0xd800, 0xdfff],
  [0xfeff, 0xfeff],
  [0xfff9, 0xfffb],
  [0xe0000, 0xe0fff],
];

/** A text without the colours and weights that daruma uses. */
export function withoutOwnColors(text: string): string {
  // oxlint-disable-next-line no-control-regex -- a colour sequence begins with ESC
  return text.replaceAll(/\u001b\[(?:1|2|22|31|32|33|36|39)m/g, '');
}

interface WorkflowCommand {
  readonly name: string;
  readonly properties: readonly string[];
}

/**
 * The command that GitHub's runner sees in a line; undefined for plain text. Unknown commands are included, since the runner may
 * get new ones.
 *
 * Source: `ActionCommand.TryParseV2()` and `TryParse()` of actions/runner.
 */
export function workflowCommand(line: string): WorkflowCommand | undefined {
  const text = line.trimStart();
  const end = text.startsWith('::') ? text.indexOf('::', 2) : -1;
  if (end !== -1) return commandOf(text.slice(2, end), ',');
  const old = line.indexOf('##[');
  const close = old === -1 ? -1 : line.indexOf(']', old);
  return close === -1 ? undefined : commandOf(line.slice(old + 3, close), ';');
}

function commandOf(text: string, separator: string): WorkflowCommand {
  const [name = '', ...rest] = text.split(' ');
  return {
    name,
    properties: rest
      .join(' ')
      .split(separator)
      .map(pair => pair.split('=')[0] ?? ''),
  };
}

/** Lines that are commands for a CI runner: GitHub and compatible ones, Azure Pipelines, TeamCity. */
export function spokenCommands(text: string): readonly string[] {
  return text
    .split('\n')
    .filter(line => workflowCommand(line) !== undefined || /##(?:vso|teamcity)?\[/.test(line));
}
