/** The notification settings of a configuration, converted to the units that this folder uses. */
import { notifyDefaults } from '../config/defaults.ts';
import type { WrittenConfiguration } from '../config/schema.ts';
import { parseTimeSpan } from '../systemd/values/time-span.ts';
import type { TellingPolicy } from './incident.ts';
import type { Notice } from './notice.ts';
import type { QuietHours } from './quiet-hours.ts';

export interface NotifySettings {
  readonly policy: Omit<TellingPolicy, 'purpose' | 'mutedUntilMs'>;
  readonly quiet: QuietHours | undefined;
  /** Lines of the service's log in a message. */
  readonly logLines: number;
  /** The language of messages; undefined for that of the environment. */
  readonly language: 'en' | 'zh-CN' | undefined;
  readonly templates: { readonly [Kind in Notice['kind']]?: string | undefined };
}

/** @param written undefined when there is no configuration */
export function notifySettings(written: WrittenConfiguration | undefined): NotifySettings {
  const { after, remind, quiet, log, templates, started, language } = written?.notify ?? {};
  return {
    policy: {
      thresholdSeconds: secondsOf(after ?? notifyDefaults.after),
      remindSeconds: secondsOf(remind ?? notifyDefaults.remind) || null,
      tellsStarts: started ?? notifyDefaults.started,
    },
    quiet: quiet && { fromMinutes: minutesOf(quiet.from), toMinutes: minutesOf(quiet.to) },
    logLines: log ?? notifyDefaults.log,
    templates: templates ?? {},
    language,
  };
}

function secondsOf(span: string | number): number {
  return (parseTimeSpan(String(span)) ?? 0) / 1_000_000;
}

/** Minutes since midnight of a time such as `23:30`. */
function minutesOf(time: string): number {
  const [hours = 0, minutes = 0] = time.split(':').map(Number);
  return hours * 60 + minutes;
}
