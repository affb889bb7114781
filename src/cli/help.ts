/** Help texts: the purpose first, then examples, then the rest. */
import type { Command, Option } from 'commander';
import type { Catalogue, Example } from '../i18n/catalogue.ts';
import { padTo, type Terminal, wrapText } from '../report/terminal.ts';
import { widthOf } from '../report/width.ts';

/** The commands that people are told of: not those that only scripts call, or that are another word for an option. */
export function shownCommands(program: Command): readonly Command[] {
  return program.commands.filter(command => !hiddenCommands.has(command.name()));
}

const hiddenCommands: ReadonlySet<string> = new Set(['complete', 'help', 'version']);

/** The options that people are told of. */
export function shownOptions({ options }: Command): readonly Option[] {
  return options.filter(option => !option.hidden);
}

/** The help of the program or of one command. */
export function helpText(command: Command, catalogue: Catalogue, terminal: Terminal): string {
  const { help, punctuation } = catalogue;
  // The Chinese colon has its own width and no space after it.
  const titled = (heading: string) => `${heading}${punctuation.colon.trimEnd()}`;
  const section = (heading: string, entries: Entries) => renderSection(titled(heading), entries, terminal);
  const isProgram = command.parent === null;
  const name = command.name();
  const examples = isExampleName(name) ? help.exampleLines[name] : [];
  const subcommands = shownCommands(command);
  const own = shownOptions(command).filter(option => !isProgram && option.long !== '--help');
  const common = shownOptions(command.parent ?? command);
  const sections = [
    wrapText(terminal, command.description(), [0, 0]),
    section(help.examples, exampleLines(examples)),
    `${titled(help.usage)}\n  ${usage(command)}`,
    section(
      help.commands,
      subcommands.map(sub => [usageTail(sub), sub.description()] as const),
    ),
    ...(name === 'config' ? [section(help.actions, Object.entries(help.configActions))] : []),
    ...(name === 'notify' ? [section(help.actions, Object.entries(help.notifyActions))] : []),
    ...(name === 'failover' ? [section(help.actions, Object.entries(help.failoverActions))] : []),
    section(help.options, own.map(describe)),
    ...(name === 'explain' ? [section(help.endings, Object.entries(help.endingForms))] : []),
    section(help.commonOptions, [...common.map(describe), ['-h, --help', help.option.help] as const]),
  ];
  return `${sections.filter(text => text !== '').join('\n\n')}\n`;
}

function isExampleName(name: string): name is keyof Catalogue['help']['exampleLines'] {
  return [
    'daruma',
    'status',
    'explain',
    'check',
    'fix',
    'undo',
    'new',
    'notify',
    'failover',
    'rules',
    'config',
    'completion',
  ].includes(name);
}

function usage(command: Command): string {
  return command.parent === null
    ? 'daruma [COMMAND] [OPTION...]'
    : `daruma ${usageTail(command)} [OPTION...]`;
}

function usageTail(command: Command): string {
  const args = command.registeredArguments.map(argument => {
    const name = argument.name();
    const shown = argument.variadic ? `${name}...` : name;
    return argument.required ? shown : `[${shown}]`;
  });
  return [command.name(), ...args].join(' ');
}

function describe(option: Option): readonly [string, string] {
  return [option.flags.replaceAll(/[<>]/g, ''), option.description];
}

function exampleLines(examples: readonly Example[]): readonly (readonly [string, string])[] {
  return examples.map(({ command, meaning }) => [command, meaning]);
}

/** A heading with terms and their meanings; a term that is too long for its column gets its own line. */
function renderSection(heading: string, entries: Entries, terminal: Terminal): string {
  if (entries.length === 0) return '';
  const width = Math.max(
    ...entries.map(([term]) => widthOf(term)).filter(columns => columns <= termColumns),
    0,
  );
  const indent = width + 4;
  const lines = entries.map(([term, meaning]) => {
    const described = wrapText(terminal, meaning, [indent, indent]);
    if (widthOf(term) > termColumns) return `  ${term}\n${described}`;
    return `  ${padTo(term, width)}  ${described.slice(indent)}`;
  });
  return [heading, ...lines].join('\n');
}

const termColumns = 34;

type Entries = readonly (readonly [string, string])[];
