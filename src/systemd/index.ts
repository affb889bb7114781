/**
 * systemd's own world, without any opinion of daruma's: unit files, the search path, effective settings with the line that
 * sets each of them, and the hosts that all this is read from.
 *
 * Settings hold durations in microseconds, systemd's own unit, and `Infinity` for its `infinity`. A `version`
 * is systemd's major version, such as 252.
 *
 * @example
 * import { createUnitLoader, openOfflineHost, readManagerConfiguration, resolveService } from 'daruma/systemd';
 *
 * const host = openOfflineHost({ root: 'examples/neko', scope: 'user' });
 * const unit = createUnitLoader(host).load('litellm.service');
 * const { settings } = resolveService(unit, readManagerConfiguration(host).defaults, host.systemd.version);
 * settings?.Restart.value; // 'on-failure'
 * settings?.Restart.source; // { file: '/home/azureuser/.config/systemd/user/litellm.service', line: 8 }
 *
 * @module
 */
export type { Assigned, Assignments, IgnoredLine, IgnoredProblem, ReadFailure } from './assignments.ts';
export {
  type BootPlan,
  type BrokenPull,
  type Caller,
  planBoot,
  type Pull,
  type PullKind,
  type Requirement,
  type Rival,
} from './boot.ts';
export {
  type Directive,
  directivesOf,
  findDirective,
  suggestDirective,
  type ValidateOptions,
  type Validity,
  type ValueProblem,
  validateValue,
} from './directives.ts';
export { type UnitFileState, unitFileState } from './enablement.ts';
export {
  type DirectoryEntry,
  type FileKind,
  type FileStatus,
  type Host,
  type HostFiles,
  type HostUser,
  type Linger,
  type LiveUnit,
  type Manager,
  ManagerError,
  type ManagerProblem,
  type VersionOrigin,
} from './host/host.ts';
export { type LiveHostOptions, openLiveHost } from './host/live-host.ts';
export {
  type FolderKind,
  folderKind,
  type FolderOptions,
  OfflineHostError,
  type OfflineHostOptions,
  openFolder,
  openOfflineHost,
} from './host/offline-host.ts';
export { newestKnownVersion, oldestKnownVersion } from './host/version.ts';
export {
  type ManagerConfiguration,
  type ManagerDefaults,
  readManagerConfiguration,
} from './manager-defaults.ts';
export { type ManagerScope, type SearchPathEnvironment, unitSearchPath } from './search-path.ts';
export { resolveService, type Service } from './service.ts';
export type {
  ExecCommand,
  ServiceSettings,
  ServiceType,
  Setting,
  Source,
  SourceLine,
} from './service-settings.ts';
export { type ShownDirective, type ShownSetting, shownDirectives, shownSettings } from './shown-settings.ts';
export { type ActivationUnit, findActivation } from './triggers.ts';
export {
  createUnitLoader,
  type Dependency,
  dependenciesOf,
  type LoadProblem,
  type LoadState,
  type RefusalRule,
  type Unit,
  type UnitLoader,
} from './unit.ts';
export {
  type AssignmentItem,
  type BlankItem,
  type CommentItem,
  parseUnitFile,
  type SectionItem,
  serializeUnitFile,
  type UnitFile,
  type UnitFileFatal,
  type UnitFileItem,
  type UnreadItem,
} from './unit-file.ts';
export {
  buildUnitIndex,
  type DependencyLink,
  type PullingLink,
  type IndexEntry,
  type UnitIndex,
  type UnitLocation,
} from './unit-index.ts';
export { parseUnitName, type UnitName, type UnitType, unitTypes } from './unit-name.ts';
export { parseBoolean } from './values/boolean.ts';
export { type CommandLine, parseCommandLines } from './values/command-line.ts';
export { type ExitStatusSet, formatExitStatusSet, parseExitStatusWords } from './values/exit-status.ts';
export { parseSignal, signalName } from './values/signal.ts';
export { expandSpecifiers } from './values/specifier.ts';
export { formatTimeSpan, parseTimeSpan } from './values/time-span.ts';
