/** Defines all commands and options. The code of a command is loaded when it runs. */
import { Command, Option } from 'commander';
import type { Catalogue, OptionName } from '../i18n/catalogue.ts';
import { helpText, shownCommands } from './help.ts';
import { tellInterruptedFix } from './interrupted-fix.ts';
import type { Run } from './io.ts';
import { carryOnWithout, type Work } from './lost-output.ts';
import { write } from './output.ts';
import { describeTerminal } from './settings.ts';
import { unknownAction, unknownCommand } from './usage-failure.ts';
import { actionsOf } from './actions.ts';
import { version } from './version.ts';

/** Receives the exit code of a command. */
export interface RunState {
  exitCode: number;
}

/** Builds the parser; all its texts come from the catalogue. */
export function buildProgram(run: Run, state: RunState): Command {
  const { catalogue, io, environment } = run;
  const { help } = catalogue;
  const terminal = describeTerminal(io.stdout, false, environment);
  const program = new Command('daruma')
    .description(help.tagline)
    .exitOverride()
    .allowExcessArguments(false)
    .configureOutput({ writeOut: text => void write(io, text), writeErr: () => {} })
    .configureHelp({
      formatHelp: command => {
        expectCommand(program, catalogue);
        expectAction(command, catalogue);
        return helpText(command, catalogue, terminal);
      },
    })
    .helpOption('-h, --help', help.option.help)
    .helpCommand(false)
    .version(version, '-v')
    .version(version, '-V, --version', help.option.version);
  // People type it as well; the help names one of the two.
  for (const option of program.options) option.hidden = option.short === '-v';
  for (const option of commonOptions(help.option)) program.addOption(option);
  program.hook('preAction', async (_, command) => {
    const work = works.get(command.name());
    if (work !== undefined) carryOnWithout(io.stdout, work);
    // A completion request must not print notes.
    if (command.name() === 'complete') return;
    const given = { name: command.name(), operands: command.args, options: command.optsWithGlobals() };
    await tellInterruptedFix(run, given);
  });

  // Without a command, `status` runs. The argument only exists to report a word that is not a command.
  program.argument('[WORD...]').action(async (_words: readonly string[], _, command: Command) => {
    expectCommand(program, catalogue);
    const { status } = await import('./commands/status.ts');
    state.exitCode = await status([], command.optsWithGlobals(), run);
  });
  program
    .command('status')
    .description(help.status)
    .argument('[UNIT...]')
    .action(async (units: readonly string[], _, command: Command) => {
      const { status } = await import('./commands/status.ts');
      state.exitCode = await status(units, command.optsWithGlobals(), run);
    });
  program
    .command('explain')
    .description(help.explain)
    .argument('[UNIT|FILE...]')
    .addOption(new Option('--on <ENDING>', help.option.on).argParser(collect))
    .option('--lifetime <SPAN>', help.option.lifetime)
    .action(async (units: readonly string[], _, command: Command) => {
      const { explain } = await import('./commands/explain.ts');
      state.exitCode = await explain(units, command.optsWithGlobals(), run);
    });
  program
    .command('check')
    .description(help.check)
    .argument('[UNIT|FILE|DIR...]')
    .option('--fail-on <SEVERITY>', help.option.failOn)
    .action(async (units: readonly string[], _, command: Command) => {
      const { check } = await import('./commands/check.ts');
      state.exitCode = await check(units, command.optsWithGlobals(), run);
    });
  program
    .command('fix')
    .description(help.fix)
    .argument('[UNIT...]')
    .option('--dry-run', help.option.dryRun)
    .option('--yes', help.option.yes)
    .addOption(new Option('--only <RULE>', help.option.only).argParser(collect))
    .option('--restart', help.option.restart)
    .option('--to <DIR>', help.option.to)
    .option('--continue', help.option.continue)
    .option('--no-input', help.option.input)
    .action(async (units: readonly string[], _, command: Command) => {
      const { fix } = await import('./commands/fix.ts');
      state.exitCode = await fix(units, command.optsWithGlobals(), run);
    });
  program
    .command('undo')
    .description(help.undo)
    .argument('[ID]')
    .option('--list', help.option.list)
    .option('--dry-run', help.option.dryRun)
    // It asks nobody; whoever is used to say yes may say it.
    .addOption(new Option('--yes').hideHelp())
    .action(async (id: string | undefined, _, command: Command) => {
      const { undo } = await import('./commands/undo.ts');
      state.exitCode = await undo(id, command.optsWithGlobals(), run);
    });
  program
    .command('new')
    .description(help.new)
    .argument('<SERVICE>')
    .argument('[WORD...]')
    .option('--dry-run', help.option.dryRun)
    .option('--yes', help.option.yes)
    .option('--no-input', help.option.input)
    .action(async (service: string, words: readonly string[], _, command: Command) => {
      const { newUnit } = await import('./commands/new.ts');
      state.exitCode = await newUnit(service, words, command.optsWithGlobals(), run);
    });
  program
    .command('rules')
    .description(help.rules)
    .argument('[RULE]')
    .action(async (rule: string | undefined, _, command: Command) => {
      const { rules } = await import('./commands/rules.ts');
      state.exitCode = await rules(rule, command.optsWithGlobals(), run);
    });
  program
    .command('config')
    .description(help.config)
    .argument('[ACTION]')
    .argument('[FILE]')
    .action(async (action: string | undefined, file: string | undefined, _, command: Command) => {
      const { config } = await import('./commands/config.ts');
      state.exitCode = await config(action, file, command.optsWithGlobals(), run);
    });
  program
    .command('notify')
    .description(help.notify)
    .argument('[ACTION]')
    .argument('[WORD...]')
    .option('--refused', help.option.refused)
    .option('--dry-run', help.option.dryRun)
    .option('--yes', help.option.yes)
    .option('--no-input', help.option.input)
    .action(async (action: string | undefined, words: readonly string[], _, command: Command) => {
      const { notify } = await import('./commands/notify.ts');
      state.exitCode = await notify(action, words, command.optsWithGlobals(), run);
    });
  program
    .command('failover')
    .description(help.failover)
    .argument('[ACTION]')
    .option('--dry-run', help.option.dryRun)
    .option('--yes', help.option.yes)
    .addOption(new Option('--to <USER@HOST>', help.option.toHost).argParser(collect))
    .option('--front', help.option.front)
    .option('--no-front', help.option.noFront)
    .addOption(new Option('--down [HOW]', help.option.down).preset('stop'))
    .option('--no-input', help.option.input)
    .action(async (action: string | undefined, _, command: Command) => {
      const { failover } = await import('./commands/failover.ts');
      state.exitCode = await failover(action, command.optsWithGlobals(), run);
    });
  program
    .command('completion')
    .description(help.completion)
    .argument('<SHELL>')
    .action(async (shell: string, _, command: Command) => {
      const { completion } = await import('./commands/completion.ts');
      state.exitCode = await completion(shell, command.optsWithGlobals(), run);
    });
  program
    .command('help', { hidden: true })
    .argument('[COMMAND]')
    .action((name: string | undefined) => {
      const named = name === undefined ? program : program.commands.find(command => command.name() === name);
      if (named === undefined) throw unknownCommand(name ?? '', visibleCommands(program), catalogue);
      named.outputHelp();
    });
  program.command('version', { hidden: true }).action(() => write(io, `${version}\n`));
  // What the completion scripts call, with the words typed so far behind `--`.
  program
    .command('complete', { hidden: true })
    .argument('[WORD...]')
    .action(async (words: readonly string[]) => {
      const { complete } = await import('./commands/completion.ts');
      state.exitCode = await complete(words, program, run);
    });
  for (const command of program.commands) command.copyInheritedSettings(program).allowExcessArguments(false);
  return program;
}

/** The commands that carry on when nobody reads their output: those that change something or whose exit code is a verdict. */
const works: ReadonlyMap<string, Work> = new Map<string, Work>([
  ['fix', 'change'],
  ['undo', 'change'],
  ['new', 'change'],
  ['notify', 'change'],
  ['failover', 'change'],
  ['check', 'verdict'],
  ['config', 'verdict'],
]);

function visibleCommands(program: Command): readonly string[] {
  return shownCommands(program).map(command => command.name());
}

/** @throws Failure for a first word that is no command */
function expectCommand(program: Command, catalogue: Catalogue): void {
  const [word] = program.args;
  if (word === undefined || word.startsWith('-')) return;
  if (program.commands.some(command => command.name() === word)) return;
  throw unknownCommand(word, visibleCommands(program), catalogue);
}

/** @throws Failure for a word that is no action of a command which has several */
function expectAction(command: Command, catalogue: Catalogue): void {
  const [word] = command.args;
  const known = actionsOf.get(command.name());
  if (known === undefined || word === undefined || word.startsWith('-') || known.includes(word)) return;
  throw unknownAction(command.name(), word, catalogue);
}

function commonOptions(texts: Readonly<Record<OptionName, string>>): readonly Option[] {
  return [
    new Option('--user', texts.user),
    new Option('--system', texts.system),
    new Option('--root <DIR>', texts.root),
    new Option('--home <DIR>', texts.home),
    new Option('--config <FILE>', texts.config),
    new Option('--systemd <N>', texts.systemd),
    new Option('--format <FORMAT>', texts.format),
    new Option('--json', texts.json),
    new Option('--lang <LANG>', texts.lang),
    new Option('--no-color', texts.color),
    new Option('--quiet', texts.quiet),
    new Option('--verbose', texts.verbose),
  ];
}

function collect(value: string, before: readonly string[] | undefined): readonly string[] {
  return [...(before ?? []), value];
}
