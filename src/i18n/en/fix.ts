import type { FixTexts } from '../catalogue.ts';

function alsoLeft(notListed: number): string {
  return notListed === 0
    ? ''
    : `, and ${notListed} more like these that ${notListed === 1 ? 'is' : 'are'} not listed`;
}

export const fix: FixTexts = {
  dropInHead: (version, undo) =>
    `Written by daruma ${version}${undo === null ? '' : `; "${undo}" takes it back`}.`,
  commands: 'Then it runs',
  mode: octal => `permissions ${octal}`,
  preventedHeading: 'Without effect, and therefore not written',
  prevented: (setting, unit, by) =>
    by === undefined
      ? `${setting} for ${unit}: systemd does not take it`
      : `${setting} for ${unit}: ${by} has the last word`,
  leftOutHeading: 'Cannot be written, and therefore left out',
  obstacles: {
    'name-too-long': path => `${path} would have a name that is too long for a file`,
    'too-large': path => `${path} is too large to be gone through`,
    'leads-out': path => `${path} leads out of what is looked at`,
    'not-writable': path => `${path} leads to nothing that could be written`,
    'not-yours': path => `${path} leads by a link into a folder of another user`,
    'not-permitted': path => `the permission to write or change ${path} is missing`,
    'not-readable': path => `${path} may not be read`,
    'not-a-file': path => `${path} is a folder, a pipe or a device`,
  },
  broughtHeading: 'New or different with this change',
  leftHeading: 'Left for you',
  onRequestHeading: 'Left as it is, unless you ask for it',
  summary: (settles, leaves, changed, notListed) => {
    const rest = `${changed === 0 ? '' : `, ${changed} of them changed by it`}${alsoLeft(notListed)}.`;
    return settles === 0
      ? `${leaves} ${leaves === 1 ? 'finding is' : 'findings are'} left${rest}`
      : `This settles ${settles} ${settles === 1 ? 'finding' : 'findings'} and leaves ${leaves === 0 ? 'none' : leaves}${rest}`;
  },
  leaves: (count, notListed) =>
    `${count} ${count === 1 ? 'finding is' : 'findings are'} left${alsoLeft(notListed)}.`,
  alreadyIn: folder => `All of it stands in ${folder} already.`,
  nothingToDo: 'There is nothing that daruma can put right by itself.',
  offer: (command, isStarting) =>
    `"${command}" shows what daruma would ${isStarting ? 'change and start' : 'change'}, and asks first.`,
  question: 'Do this?',
  yesOrNo: '[y/N]',
  cannotAsk: 'nobody can be asked here whether to go on',
  unread: 'nothing was done: the plan could not be shown, so nobody can agree to it',
  useYes: 'add --yes to do it, or --dry-run to see it only',
  interruptedAsking: 'interrupted; nothing was changed',
  nothingDone: 'Nothing was changed.',
  done: (undo, isWhole) =>
    `${isWhole ? 'Done.' : 'Done in part.'} ${undo === null ? 'There is nothing in it to take back.' : `"${undo}" takes it back.`}`,
  needsRoot: 'the drop-ins of system services belong to root',
  asRoot: 'run it again with sudo, or with --dry-run to see it only',
  notStarted: units =>
    `Down, and not started by this: ${units}. With --restart daruma starts what is down; or by hand:`,
  restartIt: unit =>
    `${unit} runs already, from a unit of that name that was there before. To have it run as the new file says:`,
  startIt: unit => `${unit} does not run yet. Start it with:`,
  madeAndLeft: units => `Made by this fix, and left since it was changed: ${units}. To be rid of it:`,
  planning: seconds =>
    `checking the services, and what each change would do to them${seconds === undefined ? '' : `, ${seconds} s`} ...`,
  carryingOut: seconds => `carrying it out${seconds === undefined ? '' : `, ${seconds} s`} ...`,
  restarting: (units, seconds) => `restarting ${units}${seconds === undefined ? '' : `, ${seconds} s`} ...`,
  awaitingManager: seconds =>
    `lingering is on: waiting for the manager to start${seconds === undefined ? '' : `, ${seconds} s`} ...`,
  lookingAtStarted: (units, seconds) =>
    `looking whether it stays up, for a minute at most: ${units}${seconds === undefined ? '' : `, ${seconds} s`} ...`,
  untilItListens: (unit, port) => `${unit} (does not listen on ${port} yet)`,
  startedAndRun: (units, seconds) => `Started, and up for ${seconds} s: ${units}`,
  startedAndDown: units => `Started, but fallen again or not up, so not settled: ${units}. The log:`,
  triedForEver: (unit, seconds) =>
    `${unit} ended within ${seconds} s of each of its last starts. Without its start limit systemd goes on trying, and it goes on ending until the cause is mended, which its log may show:`,
  held: (verb, unit, stops, startsStopped) => {
    const harm = [
      ...(stops === '' ? [] : [`stop ${stops}, which runs`]),
      ...(startsStopped === '' ? [] : [`start ${startsStopped}, which somebody may have stopped`]),
    ].join(', and ');
    return `${unit} is not ${verb === 'start' ? 'started' : 'restarted'}: that would also ${harm}. If you want that:`;
  },
  notRestarted: (units, command) =>
    `${units}: part of this counts only once it is restarted, which interrupts it. Add --restart, or run "${command}" when it suits.`,
  restarted: (units, seconds) => `Restarted, and up for ${seconds} s: ${units}`,
  restartedAndDown: (units, undo) =>
    `Restarted, but fallen again or not up, so not settled: ${units}. "${undo}" takes the change back. The log:`,
  refused: (command, said) => `Not done (${said}). Run it yourself: ${command}`,
  failedAndTakenBack: (at, cause) => `${at}: ${cause}; everything is as it was before`,
  noLongerLoaded: loadState => `systemd no longer loads it after the change (LoadState=${loadState})`,
  hooksAgain: command => `The hooks of daruma notify are in force again; "${command}" takes them away`,
  unloadable: units => `${units}: systemd no longer loads what was put back, and cannot start it`,
  failed: (at, cause) => `${at}: ${cause}; not all of it could be taken back`,
  undoHint: command => `run "${command}" once the cause is gone`,
  stillInterrupted: (id, isUndo) =>
    `the ${isUndo ? 'undo of the fix' : 'fix'} ${id} was interrupted and comes first; nothing was done`,
  underWay: (id, pid, since) =>
    `process ${pid} has been at work on the fix ${id} since ${since}; nothing was done; try again when it is done`,
  underWaySomewhere:
    'another daruma is at work on the same files; nothing was done; try again when it is done',
  damagedRecord: file => `${file} is no record of a fix, or a damaged one`,
  recordOfAnother: (file, uid) => `${file} belongs to user ${uid}, and what it says is not done for them`,
  undoAsThem: (uid, undo) => `take it back as that user: sudo -u '#${uid}' ${undo}`,
  recordLeadsOut: (file, path) => `${file} is about ${path}, which is no part of what is looked at`,
  recordFromThere: id => `The record of the fix ${id} lies in the system that is looked at. It is about:`,
  unwritableLink: file => `${file} is a link that leads to no file that could be written; nothing was done`,
  leadsOut: file => `${file} leads out of what is looked at; nothing was done`,
  moveAway: 'move it away to go on without it',
  changedMeanwhile: file => `${file} was changed after the plan was made; nothing was done`,
  planAgain: 'run it again for a new plan',
  noStateFolder: 'there is no home to keep a record in',
  unitsOnly: 'units of one machine are put right at a time: give names, or --root DIR for an unpacked system',
  noManagerReads: folder =>
    `no manager is known to read units from ${folder}, so nothing is written there: give names, --home DIR for a home, or --root DIR for an unpacked system`,
  partOfHome: (folder, command) =>
    `the units in ${folder} are put right by "${command}", with the names of some for these alone`,
  wrote: file => `wrote ${file}`,
  notWritten: (file, cause) => `${file} could not be written: ${cause}`,
  unknownService: service => `how to run "${service}" is not known`,
  knownServices: ids => `known are ${ids}; for anything else give the command behind --`,
  notInstalled: program => `${program} is not installed where programs usually lie`,
  giveCommand: service => `say where it is: daruma new ${service} -- COMMAND`,
  nothingFor: word => `nothing here says what to put in place of ${word}`,
  severalFor: (word, candidates) => `in place of ${word} there are several: ${candidates}`,
  fileToCome: (service, file) => `${service} needs ${file}, which is not there yet`,
  alreadyThere: file => `there is a unit of that name: ${file}`,
  fixInstead: command => command,
  interrupted: (id, isUndo, whatNow) =>
    `the ${isUndo ? 'undo of the fix' : 'fix'} ${id} was interrupted: each file is whole, old or new; ${whatNow}`,
  finishOrTakeBack: (finish, takeBack, isUndo) =>
    isUndo
      ? `"${takeBack}" finishes the undo, "${finish}" makes the fix again`
      : `"${finish}" finishes it, "${takeBack}" takes it back`,
  nothingInterrupted: 'There is no fix that was interrupted.',
  nothingToUndo: 'There is no fix to take back.',
  unknownFix: id => `there is no fix ${id}`,
  laterFixStands: (id, laterId, file) =>
    `the fix ${laterId} changed ${file} after the fix ${id}; nothing was done`,
  comesFirst: command => `"${command}" comes first`,
  undoneAlready: id => `Fix ${id} is taken back already.`,
  nothingInIt: id => `Fix ${id} changed nothing that could be taken back.`,
  onlyRestarted: (id, units) => `Fix ${id} only restarted ${units}: there is nothing to take back.`,
  goOnBefore: command => `"${command}" takes back the fix before it.`,
  undone: (id, files) =>
    files === 0
      ? `Fix ${id} taken back.`
      : `Fix ${id} taken back: ${files} ${files === 1 ? 'file' : 'files'} as before.`,
  foreseen: {
    undo: id => `Fix ${id} would be taken back:`,
    restored: file => `${file} would be as before.`,
    removed: file => `${file} would be removed.`,
    edited: file => `${file} was changed since: that would stay, and what the fix wrote would be out of it.`,
    commands: 'It would run',
  },
  undoneInEdited: id => `Fix ${id} taken back:`,
  notUndone: id => `Nothing of fix ${id} was taken back:`,
  partlyUndone: id => `Fix ${id} taken back in part only:`,
  restored: file => `${file} is as before.`,
  editedSince: file => `${file} was changed since: that stays, and what the fix had written is out of it.`,
  masked: file =>
    `${file} is as before, but not set-user-ID, set-group-ID or sticky: daruma makes no file so. Set it yourself if it is meant to be.`,
  untouched: file => `${file} was changed since, and is left as it is.`,
  gone: file => `${file} is not there any more, and is left so.`,
  needed: (file, by) => `${file} is left as well: ${by} needs it.`,
  runsOn: {
    'without-file': units =>
      `Not stopped, and without a unit file: ${units}. Its settings are gone with the file: nothing restarts it, and a stop runs no ExecStop=. To stop it:`,
    'with-settings': units =>
      `Not restarted, so it keeps the settings that were taken back until it is restarted: ${units}. When it suits:`,
    'was-down': units =>
      `Down before the fix, which started it, and not stopped by the undo: ${units}. To stop it:`,
    'later-run': units =>
      `Down before the fix, and running now by a later start of systemd's or somebody's, so left running: ${units}.`,
  },
  lingerOffAgain: user =>
    `Lingering is off again for ${user}: without a session of ${user} the user manager stops, and every service with it.`,
  firstOf: (names, more) => (more === 0 ? names : `${names} and ${more} more`),
  work: {
    'units-made': names => `new: ${names}`,
    enabled: names => `enabled: ${names}`,
    disabled: names => `disabled: ${names}`,
    restarted: names => `restarted: ${names}`,
    started: names => `started: ${names}`,
    permissions: names => `permissions: ${names}`,
    'other-files': names => `files: ${names}`,
    'hooks-added': 'hooks for messages',
    'hooks-removed': 'hooks for messages removed',
    lingering: user => `lingering on for ${user}`,
  },
  phases: {
    begun: 'interrupted',
    'undo-begun': 'undo interrupted',
    done: 'done',
    undone: 'taken back',
    'partly-undone': 'taken back as far as possible',
  },
  listedOfAnother: uid => `of user ${uid}`,
  listedRefused: 'not to be taken back from here',
};
