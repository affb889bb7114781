import type { DetailsOf } from '../../../check/finding.ts';
import type { GroupTexts } from '../../rule-texts.ts';
import { downCommand, endsSoon, isVain, neverRan, startByHand } from '../../down-command.ts';
import { describeReason, limitText, utcTime } from '../../parts.ts';
import {
  enableLinger,
  enabling,
  lastEntries,
  showManager,
  startAgain,
  startManager,
  systemctl,
} from '../../shown-commands.ts';
import { lateEnd, oneOf, times, why } from '../notices.ts';
import { reasons } from '../reasons.ts';

function downMessage(unit: string, down: DetailsOf<'service-down'>): string {
  const { how, since, lastFall, other, conditions, restarts, lastRestart } = down;
  const last = lastRestart === null ? '' : `, last at ${utcTime(Date.parse(lastRestart))}`;
  const time = since === null ? '' : ` since ${utcTime(Date.parse(since))}`;
  switch (how) {
    case 'never-started':
      return `${unit} does not run, and nothing is known of a start by its manager`;
    case 'unloadable':
      return `${unit} is down${time}, and cannot be started: systemd refuses its unit file`;
    case 'skipped':
      return `${unit} does not run: systemd skipped its start, since ${oneOf(conditions, 'conditions')} did not hold`;
    case 'refused':
      return `${unit} does not run: systemd refused its start, since ${oneOf(conditions, 'assertions')} did not hold`;
    case 'blocked':
      return `${unit} does not run: it requires ${other ?? 'a unit'}, which is down`;
    case 'start-failed':
      return `${unit} is down: its start${since === null ? '' : ` at ${utcTime(Date.parse(since))}`} failed, since ${other === null ? 'a unit that it requires could not be started' : `it requires ${other}, which is down`}`;
    case 'start-timed-out':
      return `${unit} is down: its start${since === null ? '' : ` at ${utcTime(Date.parse(since))}`} failed, since its job took longer than ${limits(down, ['JobTimeoutSec=', 'JobRunningTimeoutSec='])} allows, and was cancelled`;
    case 'trigger-failed':
      return `${unit} does not run: ${down.failedTrigger ?? 'a unit'}, which starts it on demand, has failed`;
    case 'queued':
      return `${unit} does not run yet: its start waits for ${other ?? 'other jobs'}`;
    case 'restarting':
      if (down.cannotStart === null) return `${unit} waits for its next restart: it ${endOf(down)}`;
      return neverRan(down)
        ? `${unit} is down, and its last start failed: it ${whyLast(down)}`
        : `${unit} is down${down.code === null ? '' : time}: it ${endOf(down)}`;
    case 'looping':
      if (down.phase === 'starting')
        return `${unit} is being started (not ready yet), and has failed ${times(countOf(down))}, ${falls(down)}; at its last end it ${whyLast(down)}`;
      return isVain(down)
        ? `${unit} keeps failing to start, ${falls(down)}: systemd has restarted it ${restartsText(down)}; it ${whyLast(down)}${runsAgain(down)}`
        : `${unit} keeps falling, ${falls(down)}: systemd has restarted it ${restartsText(down)}; at its last end it ${endOf(down)}${runsAgain(down)}`;
    case 'restarted':
      return since === null
        ? `${unit} may keep falling: systemd has restarted it ${restarts} times since its last start by hand or at boot${last}`
        : `${unit} is up again after it ${isVain(down) ? 'failed to start' : 'fell'} again and again, ${falls(down)}: systemd has restarted it ${restartsText(down)}; at its last end it ${whyLast(down)}`;
    case 'halted':
      return `${unit} ${down.phase === 'starting' ? 'is being started' : 'runs'}, but ${halted(down)}${lately(down)}`;
    case 'not-listening':
    case 'not-listening-yet':
      return `${unit} runs, but ${notListening(down)}${lately(down)}`;
    case 'fell-lately':
      return since === null
        ? `${unit} runs: systemd has restarted it ${times(restarts)} since its last start by hand or at boot${last}`
        : `${unit} runs, and ${fellTimes(down)}${inMinutes(down)}, ${fallsOf(down)}`;
    case 'starting':
      if (since === null)
        return `${unit} is being started (not ready yet): systemd has restarted it ${times(restarts)} since its last start by hand or at boot${last}`;
      return `${unit} is being started (not ready yet), and has ${down.result === 'success' ? 'ended' : 'failed'} ${times(countOf(down))}${inMinutes(down)}, ${fallsOf(down)}`;
    case 'still-starting':
      return `${unit} is being started${phaseTime(down)}, and is not ready yet${lately(down)}`;
    case 'ending':
      return `${unit} is down${time}: it ${endOf(down)}; systemd still waits for the rest of its end, such as ExecStopPost=`;
    case 'still-stopping':
      return `${unit} is being stopped${phaseTime(down)}, and has not ended yet`;
    case 'ended-lately':
      return `${unit} runs, and ended and was started again ${times(restarts)}${inMinutes(down)}, ${fallsOf(down)}`;
    case 'ends-again':
      return `${unit} ended and was started again ${times(restarts)}, ${falls(down)}; at its last end it ${endOf(down)}`;
    case 'waiting':
      return down.startsAgain === null
        ? `${unit} is down${time}: it ${endOf(down)}, and systemd never gets to its restart`
        : `${unit} is down${time}: it ${endOf(down)}, and systemd restarts it only at ${utcTime(Date.parse(down.startsAgain))}`;
    case 'stopped-with':
      return `${unit} is down${time}: it was stopped together with ${other ?? 'another unit'}`;
    case 'exited':
      return `${unit} has no process any more: it ${endOf(down)}, and RemainAfterExit= has systemd call it active`;
    case 'unknown':
      if (down.result === 'success')
        return `${unit} is down${time}; whether somebody stopped it is not known`;
      break;
    case 'gave-up':
      if (lastFall === null) return `${unit} is down: it ${endOf(down)}, and systemd has given up`;
      return since === lastFall && !down.mayHaveBegunEarlier
        ? `${unit} is down${time}: it ${endOf(down)}, and systemd has given up`
        : `${unit} is down: it ${isVain(down) ? 'failed to start' : 'fell'} again and again, ${falls(down)}; at its last end it ${endOf(down)}, and systemd has given up${beforeStarts(down)}`;
    default:
  }
  return `${unit} is down${time}: it ${endOf(down)}`;
}

/** Since when it is on its way up or down. */
function phaseTime({ phaseSince }: DetailsOf<'service-down'>): string {
  return phaseSince === null ? '' : `, since ${utcTime(Date.parse(phaseSince))}`;
}

/** Of what falls again and again and is up at the moment. */
function runsAgain({ phase, phaseSince }: DetailsOf<'service-down'>): string {
  if (phase !== 'up' || phaseSince === null) return '';
  return `; it has been running again since ${utcTime(Date.parse(phaseSince))}`;
}

function halted({ halt, othersRun }: DetailsOf<'service-down'>): string {
  if (halt === 'frozen') return 'it is frozen (as by systemctl freeze)';
  const which = othersRun ? 'its main process' : 'its process';
  const how = halt === 'traced' ? `a debugger holds ${which}` : `${which} is stopped (as by SIGSTOP)`;
  return othersRun ? `${how}; another process of it runs` : how;
}

function notListening({ how, port, listensOn, isPortTaken }: DetailsOf<'service-down'>): string {
  const yet = how === 'not-listening-yet' ? ' yet' : '';
  const instead = listensOn.length === 0 ? '' : `; it listens on ${listensOn.join(', ')}`;
  return isPortTaken
    ? `another program has its port ${port ?? ''}${instead}`
    : `nobody listens on its port ${port ?? ''}${yet}${instead}`;
}

/** The falls of the last minutes, of what has another fault. */
function lately(down: DetailsOf<'service-down'>): string {
  const { since, lastFall, result } = down;
  if (since === null || lastFall === null) return '';
  const how = result === 'success' ? `ended and was started again ${times(countOf(down))}` : fellTimes(down);
  return `; it ${how}${inMinutes(down)}, ${fallsOf(down)}`;
}

/** A row that begins with a start by somebody may not be all falls of these minutes. Not where falls of before are told apart. */
function inMinutes({ earlierRestarts, mayHaveBegunEarlier }: DetailsOf<'service-down'>): string {
  if (earlierRestarts !== null) return '';
  return mayHaveBegunEarlier ? ' in the last ten minutes' : ' since its last start by hand or at boot';
}

/** Falls that are over. */
function earlier({ earlierRestarts: of }: DetailsOf<'service-down'>): string {
  if (of === null) return '';
  const [first, last] = [utcTime(Date.parse(of.first)), utcTime(Date.parse(of.last))];
  return of.count === 1
    ? `; earlier, at ${last}, systemd had restarted it once`
    : `; earlier, from ${first} to ${last}, systemd had restarted it ${of.count} times`;
}

/** When it fell, and how at last. */
function fallsOf(down: DetailsOf<'service-down'>): string {
  const { lastFall, timesOfRestarts } = down;
  const isOne = countOf(down) === 1 && lastFall !== null;
  const at = timesOfRestarts.includes('lastFall') ? 'restarted at' : 'at';
  const text = isOne
    ? `${at} ${utcTime(Date.parse(lastFall))}: it ${whyLast(down)}`
    : `${falls(down)}; at its last end it ${whyLast(down)}`;
  return text + earlier(down);
}

/** A start that failed is told apart from the fall before it. */
function fellTimes({ failedStarts, startsFailed, restarts }: DetailsOf<'service-down'>): string {
  if (failedStarts !== null) return `failed to start ${times(failedStarts.count)}`;
  const others = restarts - startsFailed;
  return startsFailed === 0 || others < 1
    ? `fell ${times(restarts)}`
    : `fell ${times(others)} and failed to start ${times(startsFailed)}`;
}

/** Of a long row not all is read. */
function restartsText({ restarts, mayHaveBegunEarlier }: DetailsOf<'service-down'>): string {
  return times(restarts, mayHaveBegunEarlier);
}

function countOf({ failedStarts, restarts }: DetailsOf<'service-down'>): number {
  return failedStarts?.count ?? restarts;
}

/** How it ended last, and where its starts have failed since, how before them. */
function whyLast(down: DetailsOf<'service-down'>): string {
  return endOf(down) + beforeStarts(down);
}

function beforeStarts({ failedStarts }: DetailsOf<'service-down'>): string {
  const before = failedStarts?.before ?? null;
  if (before === null) return '';
  const at = `${before.isOfRestart ? 'restarted ' : ''}at ${utcTime(Date.parse(before.at))}`;
  return `; before ${failedStarts?.count === 1 ? 'that start' : 'those starts'}, ${at}, it ${why(before)}`;
}

/** When it fell first and last, as far as that is known. */
function falls({ failedStarts, ...down }: DetailsOf<'service-down'>): string {
  const { lastFall } = down;
  const since = failedStarts?.since ?? down.since;
  const mayHaveBegunEarlier = down.mayHaveBegunEarlier && !failedStarts?.before;
  // A start that failed has a time of its own.
  const timesOfRestarts = failedStarts === null ? down.timesOfRestarts : [];
  const ofRestart = (name: 'since' | 'lastFall') => (timesOfRestarts.includes(name) ? 'restarted ' : '');
  const ended = timesOfRestarts.length === 1 && !timesOfRestarts.includes('lastFall') ? 'ended ' : '';
  const last =
    lastFall === null ? '' : `last ${ofRestart('lastFall')}${ended}at ${utcTime(Date.parse(lastFall))}`;
  if (since === null || since === lastFall) return last;
  const first = `${ofRestart('since')}at ${utcTime(Date.parse(since))}`;
  return `${mayHaveBegunEarlier ? `${first} or before for the first time` : `first ${first}`} and ${last}`;
}

const eachFails = 'Each start fails until that is mended.';

/**
 * Which of several lines it was, the manager does not always say.
 *
 * @param settings where it is not known which it was
 */
function limits({ limits: known }: DetailsOf<'service-down'>, settings: readonly string[]): string {
  return known.length === 0 ? settings.join(' or ') : known.map(limitText).join(' or ');
}

/** Of a manager on its way nothing of its services is known, or will soon be. */
/** Its last end, with the time limit that ended it where that is known. */
function endOf(down: DetailsOf<'service-down'>): string {
  const [limit] = down.limits;
  const last =
    down.result === 'timeout' && down.failedStarts !== null ? { ...down, isBeforeUp: true as const } : down;
  if (limit === undefined || (down.result !== 'timeout' && down.result !== 'watchdog')) return why(last);
  const text = limitText(limit);
  switch (limit.setting) {
    case 'TimeoutStartSec':
      return `took longer to start than ${text} allows, and systemd ended it`;
    case 'RuntimeMaxSec':
      return `ran for longer than ${text} allows, and systemd ended it`;
    case 'TimeoutStopSec':
      return lateEnd(down, text);
    case 'WatchdogSec':
      return `sent no sign of life within ${text}, and systemd ended it`;
    default:
      return why(down);
  }
}

function managerMessage(down: DetailsOf<'user-manager-down'>): string {
  const { user, manager, phase, since } = down;
  const whose = `The manager of ${user}'s services`;
  switch (phase) {
    case 'starting':
      return `${whose} is just starting; it has not said anything of them yet`;
    case 'stopping':
      return `${whose} is stopping: it ends all of them, and starts none`;
    case 'silent':
      return `${whose} runs and does not answer: how they are is not known`;
    default:
      return since === null
        ? `${whose} does not run, so none of them does`
        : `${whose} does not run, so none of them does; down since ${utcTime(Date.parse(since))}: ${manager} ${why(down)}`;
  }
}

export const session: GroupTexts<'session'> = {
  'user-manager-down': {
    title: "The manager of a user's services does not run, or does not answer",
    message: managerMessage,
    why: ({ phase }) =>
      phase === 'down'
        ? 'Until it runs again, nothing starts or restarts any of these services.'
        : phase === 'silent'
          ? 'As long as it hangs, nothing starts or restarts any of these services, and what runs of them runs on.'
          : 'What it does with each of these services is known once that is over.',
    remedy: ({ manager, phase, hasFailed }) =>
      phase === 'starting'
        ? 'Look again in a moment.'
        : phase === 'silent'
          ? `Look again in a moment: it may be busy. If it hangs, see why: "${showManager(manager)}". A restart of it ends all these services, and starts the enabled ones.`
          : `Start it: "${startManager(manager, hasFailed)}". Its enabled services start with it.`,
  },
  'trigger-failed': {
    title: 'What starts a service on demand has failed',
    message: ({ trigger, kind }) =>
      kind === 'socket'
        ? `${trigger} has failed: nobody listens, and no call starts the service`
        : `${trigger} has failed: it does not start the service any more`,
    why: ({ kind }) =>
      kind === 'socket'
        ? 'A socket fails, too, when the service that it starts meets its start limit. It stays so until somebody starts the socket itself; a start of the service does not bring it back.'
        : 'It stays so until somebody starts it; a start of the service does not bring it back.',
    remedy: ({ trigger, hasFailed }, { unit, ...manager }) =>
      `Find out why: "${lastEntries(manager, trigger)}". Then "${startAgain(manager, trigger, true, hasFailed ? [unit] : [])}".`,
  },
  'job-failed': {
    title: 'The last run of a job has failed',
    message: ({ since, startedBy, ...end }) =>
      `Its last run failed${since === null ? '' : ` at ${utcTime(Date.parse(since))}`}: it ${why(end)}${startedBy.length === 0 ? '' : `; ${startedBy.join(', ')} ${startedBy.length === 1 ? 'starts' : 'start'} it again`}`,
    why: () => 'What it is for was not done, or only in part. It may fail each time.',
    remedy: (_, { unit, ...manager }) => `See why: "${lastEntries(manager, unit)}".`,
  },
  'service-down': {
    title: 'A service is down',
    message: (down, { unit }) => {
      const { how, standing, restarts, isEnabled, cannotStart } = down;
      const outlook = cannotStart === null ? '' : `; ${describeReason(cannotStart, reasons)}`;
      const trigger = down.failedTrigger === null ? '' : `; ${down.failedTrigger} has failed, too`;
      const message = downMessage(unit, down);
      if (how === 'trigger-failed') return message;
      const text = message + outlook + trigger;
      if (standing === 'called-up' || standing === 'on-its-way') return text;
      if (how === 'restarting' && restarts > 0)
        return `${text}; systemd has restarted it ${times(restarts)} so far`;
      return isEnabled || how === 'restarting' ? text : `${text}; it is not enabled`;
    },
    why: down => {
      switch (down.how) {
        case 'looping':
          if (isVain(down)) return eachFails;
          return down.phase === 'up'
            ? 'Nobody stopped it. systemd calls it active between two falls; whether it stays up this time is not known yet.'
            : 'Nobody stopped it. systemd starts it again and again, but it does not stay up.';
        case 'restarted':
          return down.since === null
            ? 'The journal would tell when it fell, and says nothing of it here.'
            : 'It has been up for longer now than its falls were apart; whether it stays up is not known yet.';
        case 'halted':
          return down.othersRun
            ? 'systemd calls it active, since its main process is there. What that one does is not done until it goes on; whether the others answer meanwhile is not known here.'
            : 'systemd calls it active, since its process is there. It does nothing, and does not answer, until it goes on.';
        case 'not-listening':
        case 'not-listening-yet':
          return 'systemd calls it active, since its process runs. Nobody reaches it on that port.';
        case 'fell-lately':
        case 'ended-lately':
          return 'systemd has started it again; whether it stays up is not known yet.';
        case 'starting':
          return 'systemd is starting it again; whether this start succeeds is not known yet.';
        case 'still-starting':
          return 'systemd waits for the end of its start, and does not restart it meanwhile.';
        case 'ending':
        case 'still-stopping':
          return 'systemd waits for its end. It starts it again, if at all, only after that.';
        case 'ends-again':
          return 'For systemd that is no failure, and it may be meant to work like that.';
        case 'unknown':
          return 'Whether somebody stopped it cannot be seen, so daruma does not start it.';
        case 'ended':
          return 'It ended without an error, and no Restart= asks for it back. It may be meant to end, so daruma does not start it.';
        case 'never-started':
          return 'It is enabled or meant to run all the time. Perhaps it was only installed; where the journal cannot be read or does not reach back, somebody may have stopped it.';
        case 'unloadable':
          return eachFails;
        case 'skipped':
          return 'A condition may be meant to keep it from running here. A start by hand is skipped as well.';
        case 'refused':
          return 'Each start fails until the assertion holds.';
        case 'blocked':
          return `It runs only beside ${down.other ?? 'that'}: each start fails until that is up.`;
        case 'start-failed':
        case 'start-timed-out':
          return 'Nobody stopped it. systemd does not try such a start again by itself.';
        case 'trigger-failed':
          return 'Whoever calls it is not answered until that is started again.';
        case 'queued':
          return 'systemd starts it after that; a start by hand waits as well.';
        case 'restarting':
          return down.cannotStart !== null
            ? eachFails
            : 'systemd starts it again within a minute; whether it stays up then is not known yet.';
        case 'waiting':
          if (down.cannotStart !== null) return eachFails;
          return down.startsAgain === null
            ? 'Nobody stopped it. With RestartSec=infinity systemd waits for ever.'
            : 'Nobody stopped it. systemd starts it again by itself, but only after a long wait.';
        case 'stopped-with':
          return 'Nobody stopped it: systemd passed the end on to it, and does not start it again by itself.';
        case 'exited':
          return 'systemd does not restart what it calls active, and a start by hand does nothing.';
        default: {
          const ownWill = down.isEnabled
            ? ''
            : ' It is not enabled: daruma starts it only where it enables it as well.';
          const again =
            down.startedBy.length === 0
              ? 'systemd does not start it again by itself'
              : `only ${down.startedBy.join(', ')} starts it again`;
          const cause =
            down.cannotStart !== null
              ? eachFails
              : neverRan(down)
                ? 'Its program did not run, and each start fails until that is mended.'
                : `Nobody stopped it, and ${again}.`;
          return cause + ownWill;
        }
      }
    },
    remedy: (down, { unit, ...manager }) => {
      const start = startByHand(manager, unit, down);
      const look = downCommand(manager, unit, down);
      if (down.cannotStart !== null) return `Mend that first. Then start it: "${start}".`;
      switch (down.how) {
        case 'ended':
          return `If it should run all the time, write Restart=always and RestartSec=5 in [Service] and StartLimitIntervalSec=0 in [Unit], and start it: "${start}". If it is meant to end, write Type=oneshot.`;
        case 'unloadable':
          return `See why, and mend it: "${look}". Then run "${systemctl(manager, 'daemon-reload')}" and start it: "${start}".`;
        case 'skipped':
          return `If it should run, make the condition hold, or take its line out, and start it: "${start}".`;
        case 'refused':
          return `Make the assertion hold, then start it: "${start}".`;
        case 'blocked':
          return `First see why that is down: "${look}". When it is up, start this one: "${start}".`;
        case 'start-failed':
          return down.other === null
            ? `Start it: "${start}".`
            : `First see why that is down: "${look}". Then start this one: "${start}".`;
        case 'start-timed-out':
          return `Start it: "${start}". While it waits, "${systemctl(manager, 'list-jobs')}" shows for what; without that line systemd waits as long as it takes.`;
        case 'queued':
          return `See what does not get done: "${look}".`;
        case 'waiting':
          return `To have it back at once, restart it: "${look}". A shorter RestartSec= has it back sooner.`;
        case 'halted':
          return down.halt === 'traced'
            ? `See who holds it: "${look}".`
            : `Let it go on: "${look}". Or restart it: "${systemctl(manager, 'restart', unit)}".`;
        case 'not-listening':
        case 'not-listening-yet':
          if (down.isPortTaken)
            return `See who has the port: "${look}". Stop or move it, then restart this one: "${systemctl(manager, 'restart', unit)}".`;
          return `See what it says: "${look}". If it hangs, restart it: "${systemctl(manager, 'restart', unit)}".`;
        case 'still-starting':
          return `See what its start waits for: "${look}". With a TimeoutStartSec= systemd ends a start that hangs.`;
        case 'ending':
          return `See what goes on: "${look}". A start waits until that is over: "${start}".`;
        case 'still-stopping':
          return `See what goes on: "${look}". To end it at once: "${systemctl(manager, ['kill', '--signal=KILL'], unit)}". With a shorter TimeoutStopSec= systemd does that sooner.`;
        case 'ends-again':
          return `See why it ends: "${look}". If it is a job to be done again and again, write Type=oneshot and a timer.`;
        case 'restarting':
        case 'starting':
        case 'fell-lately':
        case 'ended-lately':
        case 'looping':
        case 'restarted':
          return `See by what it ends: "${look}".`;
        case 'exited':
          return `Restart it: "${look}". With RemainAfterExit=no systemd sees the next end.`;
        default:
          if (neverRan(down))
            return `Mend that first; "${look}" shows the reason. Then start it: "${start}".`;
          return endsSoon(down)
            ? `It ended within ${down.runSeconds} s of each of its last starts: mend what ends it first; "${lastEntries(manager, unit)}" shows what it said. Then start it: "${start}".`
            : `Start it: "${start}".`;
      }
    },
  },
  'linger-off': {
    title: 'Lingering is off: the services end at logout',
    message: ({ user, units }) =>
      `Lingering is off for ${user}: ${units.length === 1 ? units.join('') : `${units.length} services`} will end at logout`,
    why: () =>
      'Without lingering the user manager stops with the last session and takes every service with it; after a reboot none starts until the user logs in.',
    remedy: ({ user }) => `Run "${enableLinger(user)}".`,
  },
  'not-enabled': {
    title: 'Nothing starts the service at boot',
    message: () => 'Nothing starts it at boot',
    why: () => 'After a reboot it stays down until somebody starts it by hand.',
    remedy: (details, { unit, ...manager }) => {
      const { install, command } = enabling(manager, unit, details);
      return install === undefined
        ? `Run "${command}".`
        : `Add [Install] with ${install}, then run "${command}".`;
    },
  },
  'wanted-by-missing-target': {
    title: 'Enabled for a target that its manager never starts',
    message: ({ target, problem, isEnabled }, { scope }) =>
      `${isEnabled ? 'It is enabled' : 'It would be enabled'} for ${target}, which ${problem === 'missing' ? `a ${scope} manager does not have` : 'nothing starts'}`,
    why: () => '"enable" reports success, and no boot starts the service.',
    remedy: ({ instead, isEnabled }, { unit, ...manager }) =>
      `Write WantedBy=${instead}, then run "${systemctl(manager, isEnabled ? 'reenable' : 'enable', unit)}".`,
  },
  'ordering-on-system-unit': {
    title: 'A user unit names a unit of the system manager',
    message: ({ directive, other }) => `${directive}=${other}: a user manager has no such unit`,
    why: ({ directive, isRequired }) =>
      isRequired
        ? `${directive}= a unit that is not there makes every start fail.`
        : 'The name has no effect: the service may start before the network, or whatever is meant, is there.',
    remedy: ({ other }) =>
      `Take ${other} out of the line. With Restart=always, RestartSec=5 and StartLimitIntervalSec=0 the service tries again until what it needs is there.`,
  },
  masked: {
    title: 'The unit is masked',
    message: ({ path }) => `It is masked by ${path}`,
    why: () => 'Nothing can start it: neither a boot, nor another unit, nor a person.',
    remedy: (_, { unit, ...manager }) =>
      `If that was not meant, run "${systemctl(manager, 'unmask', unit)}".`,
  },
  'daemon-reload-needed': {
    title: 'The files have changed since the manager read them',
    message: () => 'Its files have changed since the manager read them',
    why: () =>
      'Until then the manager goes by the old settings, also when it restarts the service after a fall.',
    remedy: (_, manager) => `Run "${systemctl(manager, 'daemon-reload')}".`,
  },
  'restart-needed': {
    title: 'The process is older than its settings',
    message: ({ file }) => `The process was started before ${file} was changed`,
    why: () =>
      'Its command line, environment and limits may still be the old ones; a mistake in the new ones shows only at the next restart.',
    remedy: ({ isInVain }, { unit, ...manager }) =>
      isInVain
        ? `Do not restart it yet: its next start fails. Mend that first, then "${systemctl(manager, 'restart', unit)}".`
        : `Restart it at a good moment: "${systemctl(manager, 'restart', unit)}".`,
  },
  'system-only-setting': {
    title: 'A setting that takes more than a user manager may do',
    message: ({ directive, value, status }) => `With ${directive}=${value} every start fails with ${status}`,
    why: () => 'A user manager has no privileges to give: the service fails before its program runs.',
    remedy: ({ directive }) => `Take ${directive}= out, or make it a system service.`,
  },
};
