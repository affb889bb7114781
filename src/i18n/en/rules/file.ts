import type { GroupTexts } from '../../rule-texts.ts';
import { ignoredLine, loadProblem } from '../problems.ts';
import { homeInFront } from '../../shell-syntax-parts.ts';
import { systemctl } from '../../shown-commands.ts';

export const file: GroupTexts<'file'> = {
  'unknown-setting': {
    title: 'A setting that this systemd does not know',
    message: ({ line }) =>
      `systemd passes over ${line.key === '' ? 'a section' : 'a line'}: ${ignoredLine(line)}`,
    why: ({ line, since }) =>
      since === null
        ? line.key === ''
          ? 'None of its lines counts.'
          : 'The line does nothing: what it was meant to change stays as it is.'
        : `Until the machine has systemd ${since}, the line does nothing.`,
    remedy: ({ since, home, suggestion, line }) => {
      if (since !== null) return 'Leave it for that day, and do not count on it until then.';
      if (home !== null) return `Move ${line.key}= to [${home}].`;
      if (suggestion !== null) return line.key === '' ? `Write [${suggestion}].` : `Write ${suggestion}=.`;
      return 'Correct the name or take the line out; a name that begins with X- is for notes of your own.';
    },
  },
  'value-invalid': {
    title: 'A line that systemd passes over',
    message: ({ line, more }) => {
      const said = ignoredLine(line);
      if (line.problem.code === 'unread') return said.charAt(0).toUpperCase() + said.slice(1);
      if (more > 0) return `systemd passes over ${more + 1} lines, this one and those behind it: ${said}`;
      const isPart = line.problem.code === 'bad-value' && line.problem.counts === 'part';
      return `systemd passes over ${isPart ? 'a part of a line' : 'a line'}: ${said}`;
    },
    why: ({ line, instead, more }) => {
      if (line.problem.code === 'unread') return 'Everything behind this line is without effect.';
      if (more > 0)
        return 'They belong to no setting, so they change nothing. A "\\" at the end of a line carries it on.';
      if (line.problem.code === 'stray') return 'It belongs to no setting, so it changes nothing.';
      if (line.problem.code === 'bad-value' && line.problem.counts !== undefined) {
        return line.problem.counts === 'part'
          ? 'The rest of the line counts.'
          : `The line adds nothing to ${line.key}=.`;
      }
      return instead === null
        ? `${line.key}= keeps its default.`
        : `${line.key}=${instead} from another line holds.`;
    },
    remedy: ({ line, more }) => {
      if (line.problem.code === 'unread') return 'Correct this line.';
      return more > 0 ? 'Correct the lines or take them out.' : 'Correct the line or take it out.';
    },
  },
  'unit-unreadable': {
    title: 'A file of the unit cannot be read',
    message: ({ path, why, isDropIn }) =>
      why === 'dangling'
        ? `The link leads nowhere: ${path}`
        : `The ${isDropIn ? 'drop-in' : 'unit file'} cannot be read (${why}): ${path}`,
    why: ({ isDropIn }) =>
      isDropIn
        ? 'systemd goes on without it: its settings are without effect.'
        : 'For systemd the unit does not exist: it can neither be started nor come back after a reboot.',
    remedy: ({ path, why }) =>
      why === 'dangling'
        ? `Make the link lead to the file again, or remove ${path}.`
        : `Let the user of the manager read ${path}.`,
  },
  'unit-load-error': {
    title: 'systemd refuses the unit',
    message: ({ problem }) =>
      problem.code === 'not-found'
        ? 'Its unit file is gone'
        : `systemd refuses the unit: ${loadProblem(problem)}`,
    why: () =>
      'A process that already runs goes on, but after the next stop, fall or reboot nothing can start the service.',
    remedy: ({ problem }, manager) => {
      const reload = systemctl(manager, 'daemon-reload');
      if (problem.code === 'not-found')
        return `Put the file back and run "${reload}", or end the service: "${systemctl(manager, 'stop', manager.unit)}".`;
      const home = homeInFront(problem);
      const correct =
        home === undefined
          ? 'Correct it'
          : home === '' || manager.scope === 'system'
            ? 'Write the whole path of the program'
            : `Write %h/ in place of ${home}`;
      return `${correct}, then run "${reload}".`;
    },
  },
  'drop-in-shadowed': {
    title: 'A drop-in is hidden by another of the same name',
    message: ({ hidden, by, lost }) =>
      `${by} hides ${hidden}, and with it ${lost.map(key => `${key}=`).join(', ')}`,
    why: () =>
      'Of drop-ins with one name systemd reads only that in the folder of highest priority; the other does not count at all.',
    remedy: () => 'Give one of them another name, so that both are read.',
  },
  'drop-in-not-conf': {
    title: 'A drop-in whose name does not end in .conf',
    message: ({ path }) => `systemd does not read ${inFolder(path)}: its name does not end in .conf`,
    why: () => 'Its settings are without effect, and nothing says so.',
    remedy: ({ path }) =>
      `Rename it to ${inFolder(path)}.conf, or move it elsewhere if it is not meant to count.`,
  },
};

/** A file with its folder, which names the unit. */
function inFolder(path: string): string {
  return path.split('/').slice(-2).join('/');
}
