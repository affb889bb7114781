import type { Source } from '../../systemd/service-settings.ts';
import { dependenciesOf } from '../../systemd/unit.ts';
import type { CheckedUnit } from '../checked-unit.ts';
import type { HostRule } from '../rule.ts';
import { startPostsOf } from '../start-post.ts';

export interface StartPostDelaysReady {
  /** How long the hooks may take together, in seconds. */
  readonly seconds: number;
  /** Units that are ordered after the service and start only when the hooks are done. */
  readonly waiting: readonly string[];
}

/**
 * Hooks after the start that take a while: until they are done, the unit is `activating`, and units that are ordered
 * after it wait.
 */
export const startPostDelaysReady: HostRule<'start-post-delays-ready', StartPostDelaysReady> = {
  id: 'start-post-delays-ready',
  severity: 'info',
  needs: 'units',
  judges: 'host',
  begin(context) {
    const slow: { unit: string; source: Source; seconds: number }[] = [];
    const orderedBehind = new Map<string, string[]>();
    const note = (first: string, second: string) => {
      const units = orderedBehind.get(first);
      if (units === undefined) orderedBehind.set(first, [second]);
      else units.push(second);
    };
    return {
      see({ unit, service }: CheckedUnit) {
        if (service === undefined) return;
        for (const { unit: first } of dependenciesOf(unit, 'After')) {
          if (first.endsWith('.service')) note(first, unit.name);
        }
        for (const { unit: second } of dependenciesOf(unit, 'Before')) {
          if (second.endsWith('.service')) note(unit.name, second);
        }
        // Hooks that may time out are reported by `start-post-can-time-out`.
        const posts = startPostsOf(service, context).filter(post => post.seconds > 0 && !post.canTimeOut);
        const seconds = posts.reduce((sum, post) => sum + post.seconds, 0);
        const [first] = posts;
        if (first === undefined || !Number.isFinite(seconds) || !service.isMeantToStay) return;
        slow.push({ unit: unit.name, source: first.command.source, seconds });
      },
      *faults() {
        for (const { unit, source, seconds } of slow) {
          const waiting = [...new Set(orderedBehind.get(unit))].sort();
          if (seconds < (waiting.length > 0 ? noticeable : noticeableAlone)) continue;
          yield { unit, source, details: { seconds, waiting }, changes: [] };
        }
      },
    };
  },
};

/** Limit in seconds when other units wait. */
const noticeable = 1;
/** Limit in seconds when only `systemctl start` waits. */
const noticeableAlone = 10;
