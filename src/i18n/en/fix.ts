import type { FixTexts } from '../catalogue.ts';

export const fix: FixTexts = {
  dropInHead: version => `Written by daruma ${version}; "daruma undo" takes it back.`,
  commands: 'Then it runs',
  mode: octal => `permissions ${octal}`,
  preventedHeading: 'Without effect, and therefore not written',
  prevented: (setting, unit, by) =>
    by === undefined
      ? `${setting} for ${unit}: systemd does not take it`
      : `${setting} for ${unit}: ${by} has the last word`,
  leftHeading: 'Left for you',
  summary: (settled, left) => `${settled} ${settled === 1 ? 'finding' : 'findings'} settled, ${left} left`,
  nothingToDo: 'There is nothing that daruma can put right by itself.',
  question: 'Do this?',
  yesOrNo: '[y/N]',
  cannotAsk: 'nobody can be asked here whether to go on',
  useYes: 'add --yes to do it, or --dry-run to see it only',
  nothingDone: 'Nothing was changed.',
  done: id => `Done. "daruma undo ${id}" takes it back.`,
  needsRoot: 'the drop-ins of system services belong to root',
  asRoot: 'run it again with sudo, or with --dry-run to see it only',
  notRestarted: (units, command) =>
    `${units}: part of this counts only once it is restarted, which interrupts it. Add --restart, or run "${command}" when it suits.`,
  restarted: units => `Restarting: ${units}.`,
  refused: (command, said) => `Not done (${said}). Run it yourself: ${command}`,
  failedAndTakenBack: (at, cause) => `${at}: ${cause}; everything is as it was before`,
  failed: (at, cause) => `${at}: ${cause}; not all of it could be taken back`,
  undoHint: 'run "daruma undo" once the cause is gone',
  noStateFolder: 'there is no home to keep a record in',
  unitsOnly: 'daruma fix takes units of one machine: names, or --root DIR for an unpacked system',
  wrote: file => `wrote ${file}`,
  unknownService: service => `daruma does not know how to run "${service}"`,
  knownServices: ids => `known are ${ids}; for anything else give the command behind --`,
  notInstalled: program => `${program} is not installed where programs usually lie`,
  giveCommand: service => `say where it is: daruma new ${service} -- COMMAND`,
  alreadyThere: file => `there is a unit of that name: ${file}`,
  fixInstead: unit => `daruma fix ${unit}`,
  interrupted: id =>
    `the fix ${id} was interrupted: each file is whole, old or new; "daruma undo ${id}" takes it back, "daruma fix" goes on from here`,
  nothingToUndo: 'There is no fix to take back.',
  unknownFix: id => `there is no fix ${id}`,
  undone: (id, files) => `Fix ${id} taken back: ${files} ${files === 1 ? 'file' : 'files'} as before.`,
  untouched: file => `${file} was changed since, and is left as it is.`,
  phases: { begun: 'interrupted', done: 'done', undone: 'taken back' },
};
