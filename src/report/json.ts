/** The documents for programs; docs/schema/ has their schemas. Keys and their order must not change. */
import { isoSecond } from '../check/rules/service-down.ts';
import type { Catalogue } from '../i18n/catalogue.ts';
import type { Stopped, StopUnderWay } from '../inventory/downfall.ts';
import type { Inventory, ServiceEntry } from '../inventory/inventory.ts';
import { formatEnding } from '../restart/ending.ts';
import type { Outcome } from '../restart/outcome.ts';
import type { Reason } from '../restart/reason.ts';
import { type FallOutcome, fallNames } from '../restart/survival.ts';
import type { Timeline } from '../restart/timeline.ts';
import { dataWithoutSecrets } from '../secrets/redaction.ts';
import type { IgnoredLine } from '../systemd/assignments.ts';
import type { Host } from '../systemd/host/host.ts';
import { shownSettings } from '../systemd/shown-settings.ts';
import { downText } from './down.ts';
import { sourceToJson } from './place.ts';
import type { Explanation } from './explanation.ts';
import type { StatusRow } from './status-table.ts';
import { ignoredText, reasonText } from './words.ts';

/** The first keys of every document. */
export function documentHead(version: string, host: Host | undefined): object {
  return {
    schemaVersion: 1,
    daruma: version,
    host: host === undefined ? null : hostToJson(host),
  };
}

function hostToJson(host: Host): object {
  return {
    name: host.hostName,
    kind: host.kind,
    scope: host.scope,
    user: host.user?.name ?? null,
    systemd: host.systemd,
    cgroups: host.cgroups,
  };
}

/** The manager that was asked, or the reason why none was. */
export function managerToJson(host: Host, catalogue: Catalogue): object {
  const { manager, managerProblem } = host;
  if (manager !== undefined) return { transport: manager.transport, version: manager.version, problem: null };
  return {
    transport: null,
    version: null,
    problem:
      managerProblem === undefined
        ? null
        : { code: managerProblem.code, text: catalogue.managerProblem(managerProblem) },
  };
}

/** One unit of `daruma explain --json`. */
export function explanationToJson(
  explanation: Explanation,
  { host }: Inventory,
  catalogue: Catalogue,
): object {
  const { entry, now, outcomes, loops, asked } = explanation;
  const { unit, settings } = entry.service;
  return {
    unit: unit.name,
    host: host.hostName,
    path: unit.fragment ?? null,
    dropIns: unit.dropIns,
    systemd: host.systemd.version,
    load: unit.load,
    problem: problemToJson(entry, catalogue),
    enabled: entry.enabled ?? null,
    needDaemonReload: entry.live?.needDaemonReload ?? null,
    now:
      now === undefined
        ? null
        : {
            how: now.downfall.how,
            text: downText(unit.name, now.downfall, host, catalogue),
            tries: now.tries === undefined ? null : timelineToJson(now.tries),
          },
    settings: settings === undefined ? {} : shownSettings(settings, host.systemd.version),
    outcomes: outcomes.map((outcome, index) => {
      const timeline = asked ? loops[index]?.timeline : undefined;
      return {
        ...outcomeToJson(outcome, catalogue),
        ...(timeline === undefined ? {} : { timeline: timelineToJson(timeline) }),
      };
    }),
    crashLoop: loops.map(({ outcome, lifetimeSeconds, timeline }) => ({
      on: formatEnding(outcome.on),
      lifetimeSeconds,
      ...timelineToJson(timeline),
      because: timeline.because.map(reason => reasonToJson(reason, catalogue)),
    })),
    ignored: unit.ignored.map(line => ignoredToJson(line, catalogue)),
  };
}

function problemToJson({ service }: ServiceEntry, catalogue: Catalogue): object | null {
  const { problem } = service.unit;
  if (problem === undefined) return null;
  const source = 'source' in problem ? problem.source : null;
  return {
    code: problem.code,
    source: sourceToJson(source ?? null),
    text: catalogue.loadProblem(dataWithoutSecrets(problem)),
  };
}

function outcomeToJson(outcome: Outcome, catalogue: Catalogue): object {
  return {
    on: formatEnding(outcome.on),
    possible: outcome.possible,
    result: outcome.result,
    restarts: outcome.restarts,
    delaySeconds: outcome.delaySeconds,
    state: outcome.state,
    onDemand: outcome.onDemand.map(trigger => trigger.name),
    because: outcome.because.map(reason => reasonToJson(reason, catalogue)),
  };
}

function timelineToJson({ givesUp, starts, nRestarts, afterSeconds }: Timeline): object {
  return { givesUp, starts, nRestarts, afterSeconds };
}

function reasonToJson(reason: Reason, catalogue: Catalogue): object {
  return {
    code: reason.code,
    setting: reason.setting,
    value: reason.value,
    source: sourceToJson(reason.source),
    text: reasonText(catalogue, reason),
  };
}

function ignoredToJson(line: IgnoredLine, catalogue: Catalogue): object {
  const { section, key, value } = dataWithoutSecrets(line);
  return {
    section,
    key,
    value,
    source: line.source,
    code: line.problem.code,
    text: ignoredText(line, catalogue),
    ...(line.alike !== undefined && { alike: line.alike.count }),
  };
}

/** One unit of `daruma status --json`. */
export function statusRowToJson(
  { entry, falls, meantToStay }: StatusRow,
  { host }: Inventory,
  catalogue: Catalogue,
): object {
  const { unit } = entry.service;
  const { live } = entry;
  return {
    unit: unit.name,
    host: host.hostName,
    path: unit.fragment ?? null,
    load: unit.load,
    problem: problemToJson(entry, catalogue),
    active: live?.activeState ?? null,
    sub: live?.subState ?? null,
    enabled: entry.enabled ?? null,
    pid: live === undefined || live.mainPid === 0 ? null : live.mainPid,
    nRestarts: live?.nRestarts ?? null,
    needDaemonReload: live?.needDaemonReload ?? null,
    ...(entry.stopped !== undefined && stoppedToJson(entry.stopped)),
    ...(entry.stopUnderWay !== undefined && stopToJson(entry.stopUnderWay)),
    meantToStay,
    falls:
      falls === undefined
        ? null
        : Object.fromEntries(fallNames.map(name => [name, fallToJson(falls[name], catalogue)])),
  };
}

function stopToJson({ sinceSeconds, killsAtSeconds: at }: StopUnderWay): object {
  const killsAt = at !== null && Number.isFinite(at) ? isoSecond(at) : null;
  return { stoppingSince: isoSecond(sinceSeconds), killsAt };
}

function fallToJson(fall: FallOutcome, catalogue: Catalogue): object {
  return {
    possible: fall.possible,
    getsUp: fall.getsUp,
    undetermined: fall.undetermined,
    afterSeconds: fall.afterSeconds,
    because: fall.because.map(reason => reasonToJson(reason, catalogue)),
  };
}

function stoppedToJson({ sinceSeconds, fall }: Stopped): object {
  const { seconds, ...ending } = fall ?? { seconds: null };
  return {
    stoppedSince: isoSecond(sinceSeconds),
    ...(fall !== null && { fallBeforeStop: { at: isoSecond(seconds), ...ending } }),
  };
}
