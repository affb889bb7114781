/**
 * Writes src/systemd/directive-table.ts from systemd's sources: the directives that the loader of each version knows, the parser of
 * each, and the values of enumerations.
 *
 *   node scripts/directive-table.ts <source tree>... > src/systemd/directive-table.ts
 *
 * Each tree is a folder whose name ends with its version (v252, systemd-257.13). For versions without a tree it uses "Added in
 * version N" in the manual pages of the newest tree.
 */
import { globSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';

type Row = { readonly parser: string; readonly argument: string };
/** `Section.Name` -> how systemd reads the directive. */
type Directives = ReadonlyMap<string, Row>;
type Tree = { readonly version: number; readonly path: string };

/**
 * The kind of a value, by the function that reads it; `enum` means the string table named after it. src/systemd/directives.ts
 * explains the kinds. Functions on one line differ only in what they do with the value, or in a grammar that is not checked.
 */
const KINDS: Readonly<Record<string, string>> = {
  boolean: 'bool job_mode_isolate',
  tristate: 'tristate exec_mount_apivfs crash_reboot',
  'time-span': 'sec',
  'time-span-0-is-infinite': 'sec_fix_0 service_timeout job_timeout_sec job_running_timeout_sec',
  'time-span-or-nothing': 'sec_def_infinity service_timeout_abort default_timeout_abort',
  'watchdog-time': 'watchdog_sec',
  nanoseconds: 'nsec',
  'pressure-duration': 'managed_oom_mem_pressure_duration_sec',
  unsigned: 'unsigned',
  'unsigned-or-nothing': 'tty_size',
  nice: 'exec_nice',
  'oom-score': 'exec_oom_score_adjust oom_score_adjust',
  'cpu-scheduling-priority': 'exec_cpu_sched_prio',
  'io-scheduling-priority': 'exec_io_priority',
  'exit-status': 'exit_status',
  'exit-status-set': 'set_status',
  signal: 'signal',
  mode: 'mode',
  'resource-limit': 'rlimit',
  'memory-limit': 'memory_limit',
  'tasks-max': 'tasks_max',
  'cpu-quota': 'cpu_quota',
  weight: 'cg_weight',
  'cpu-weight': 'cg_cpu_weight',
  share: 'managed_oom_mem_pressure_limit',
  commands: 'exec',
  dependencies: 'unit_deps obsolete_unit_deps',
  environment: 'environ',
  'environment-names': 'pass_environ',
  'environment-file': 'unit_env_file',
  documentation: 'documentation',
  'condition-path': 'unit_condition_path',
  path: 'unit_path_printf path',
  'working-directory': 'working_directory',
  user: 'user_group_compat',
  string: 'unit_string_printf string reboot_parameter log_namespace',
  'pid-file': 'pid_file',
  'bus-name': 'bus_name',
  delegate: 'delegate',
  'standard-input': 'exec_input',
  'standard-output': 'exec_output output_restricted',
  ignored: 'warn_compat',
  // The grammar of the following kinds is not checked. They differ in the meaning of an empty value.
  'opaque-list':
    'address_families allowed_cpus allowed_cpuset allowed_mems bind_paths blockio_bandwidth blockio_device_weight bpf_foreign_program ' +
    'bpf_delegate_attachments bpf_delegate_commands bpf_delegate_maps bpf_delegate_programs capability_set cgroup_nft_set cgroup_socket_bind ' +
    'colon_separated_paths cpu_affinity2 cpu_set device_allow disable_controllers exec_cpu_affinity exec_directories ' +
    'exec_coredump_filter exec_input_data exec_input_text extension_images import_credential in_addr_prefixes io_device_latency ' +
    'io_device_weight io_limit ip_address_access ip_filter_bpf_progs load_credential log_extra_fields log_filter_patterns luo_sessions ' +
    'managed_oom_rules mount_images namespace_flags namespace_path_strv numa_mask open_file restrict_filesystems restrict_namespaces ' +
    'restrict_network_interfaces root_image_options service_refresh_on_reload set_credential syscall_archs syscall_filter syscall_log ' +
    'temporary_filesystems unit_condition_null unit_condition_string unit_cpu_set unset_environ user_group_strv_compat strv alias',
  'opaque-list-kept': 'service_sockets unit_mounts_for unit_requires_mounts_for also',
  opaque:
    'bind_network_interface blockio_weight cpu_shares default_instance delegate_subgroup exec_apparmor_profile exec_mount_flags ' +
    'exec_mount_propagation_flag exec_quota exec_root_hash exec_root_hash_sig exec_secure_bits exec_selinux_context exec_smack_process_label ' +
    'image_policy personality protect_hostname protect_system_pid1 syscall_errno',
  'opaque-required':
    'color crash_action crash_chvt level2 location restrict_filesystem_access show_status target time unit_slice',
};
const KIND_OF_PARSER = new Map(
  Object.entries(KINDS).flatMap(([kind, parsers]) =>
    parsers.split(' ').map(parser => [parser, kind] as const),
  ),
);

/** Functions that read an enumeration -> the string table that they use. */
const ENUMERATIONS: Readonly<Record<string, string>> = {
  collect_mode: 'collect_mode',
  cpuset_partition: 'cpuset_partition',
  device_policy: 'cgroup_device_policy',
  emergency_action: 'emergency_action',
  exec_cpu_sched_policy: 'sched_policy',
  exec_io_class: 'ioprio_class',
  exec_keyring_mode: 'exec_keyring_mode',
  exec_memory_thp: 'exec_memory_thp',
  exec_preserve_mode: 'exec_preserve_mode',
  exec_utmp_mode: 'exec_utmp_mode',
  job_mode: 'job_mode',
  kill_mode: 'kill_mode',
  log_facility: 'log_facility_unshifted',
  log_level: 'log_level',
  managed_oom_mode: 'managed_oom_mode',
  managed_oom_preference: 'managed_oom_preference',
  memory_pressure_watch: 'cgroup_pressure_watch',
  notify_access: 'notify_access',
  numa_policy: 'mpol',
  oom_policy: 'oom_policy',
  pressure_watch: 'cgroup_pressure_watch',
  private_bpf: 'private_bpf',
  private_pids: 'private_pids',
  private_tmp: 'private_tmp',
  private_users: 'private_users',
  proc_subset: 'proc_subset',
  protect_control_groups: 'protect_control_groups',
  protect_home: 'protect_home',
  protect_proc: 'protect_proc',
  protect_system: 'protect_system',
  runtime_preserve_mode: 'exec_preserve_mode',
  service_exit_type: 'service_exit_type',
  service_restart: 'service_restart',
  service_restart_mode: 'service_restart_mode',
  service_timeout_failure_mode: 'service_timeout_failure_mode',
  service_type: 'service_type',
  status_unit_format: 'status_unit_format',
};
/** Values that appeared in a version without a tree, from NEWS. All other such values get the first version in which they may have appeared. */
const VALUE_SINCE: ReadonlyMap<string, number> = new Map([['service_restart_mode debug', 257]]);
/** Enumerations for which an empty assignment restores the default; for all others it is an invalid value. */
const EMPTY_IS_DEFAULT = new Set([
  'kill_mode',
  'managed_oom_mode',
  'sched_policy',
  'ioprio_class',
  'mpol',
  'cpuset_partition',
]);
/** The largest number that is a valid value without a name, in tables that allow numbers (8 is no I/O class for 262: the largest of all versions is used). */
const NUMERIC_MAX: ReadonlyMap<string, number> = new Map([
  ['log_level', 7],
  ['log_facility_unshifted', 127],
  ['ioprio_class', 8],
  ['sched_policy', 2 ** 31 - 1],
]);

/** Older names and sections of directives, from comments in the tables and from the manual. */
const CANONICAL: Readonly<Record<string, string>> = {
  'Unit.BindTo': 'Unit.BindsTo',
  'Unit.ConditionKernelVersion': 'Unit.ConditionVersion',
  'Unit.AssertKernelVersion': 'Unit.AssertVersion',
  'Unit.OnFailureIsolate': 'Unit.OnFailureJobMode',
  'Unit.PropagateReloadFrom': 'Unit.ReloadPropagatedFrom',
  'Unit.PropagateReloadTo': 'Unit.PropagatesReloadTo',
  'Unit.RequiresOverridable': 'Unit.Requires',
  'Unit.RequisiteOverridable': 'Unit.Requisite',
  'Unit.StartLimitInterval': 'Unit.StartLimitIntervalSec',
  'Service.FailureAction': 'Unit.FailureAction',
  'Service.InaccessibleDirectories': 'Service.InaccessiblePaths',
  'Service.ManagedOOMMemoryPressureLimitPercent': 'Service.ManagedOOMMemoryPressureLimit',
  'Service.ReadOnlyDirectories': 'Service.ReadOnlyPaths',
  'Service.ReadWriteDirectories': 'Service.ReadWritePaths',
  'Service.RebootArgument': 'Unit.RebootArgument',
  'Service.StartLimitAction': 'Unit.StartLimitAction',
  'Service.StartLimitBurst': 'Unit.StartLimitBurst',
  'Service.StartLimitInterval': 'Unit.StartLimitIntervalSec',
  'Manager.CrashChVT': 'Manager.CrashChangeVT',
  'Manager.DefaultStartLimitInterval': 'Manager.DefaultStartLimitIntervalSec',
  'Manager.ShutdownWatchdogSec': 'Manager.RebootWatchdogSec',
};

const SECTIONS = ['Unit', 'Service', 'Install', 'Manager'];

main(process.argv.slice(2));

function main(paths: readonly string[]): void {
  const trees = paths
    .map(path => ({ path, version: Number(/(\d+)[^v/-]*$/.exec(basename(path))?.[0].split('.')[0]) }))
    .sort((a, b) => a.version - b.version);
  const newest = trees.at(-1);
  if (!newest) throw new Error('no source tree given');
  const known = trees.map(tree => ({ ...tree, directives: directivesOf(tree) }));
  const manual = versionsInManual(newest);

  const rows = [...new Set(known.flatMap(({ directives }) => [...directives.keys()]))]
    .sort(bySectionAndName)
    .map(key => describe(key, known, manual));
  const enumerations = [...new Set(Object.values(ENUMERATIONS)), 'exec_input', 'exec_output']
    .sort()
    .map(table => valuesOf(table, trees))
    .filter(line => line !== undefined);
  const versions = trees.map(({ version }) => version).join(', ');
  process.stdout.write(`// Written by scripts/directive-table.ts from systemd ${versions}. Do not edit.
// biome-ignore-all format: one directive a line

/**
 * Section, name, kind of value, and what else there is to say: \`since\` and \`until\` the first version that has it and the first that has it no more (245 to ${newest.version}),
 * \`becomes\` its kind from some version on, \`canonical\` the directive an older name means, \`fatal\` when systemd refuses the whole unit for a bad value.
 */
export const DIRECTIVE_ROWS = [
${rows.join('\n')}
] as const satisfies readonly DirectiveRow[];

/** The values of each enumeration; a pair tells since which version. \`boolean\`: any boolean too. \`numberUpTo\`: any number up to it too. */
export const ENUMERATIONS = {
${enumerations.join('\n')}
} as const satisfies Readonly<Record<string, EnumerationRow>>;

export type DirectiveRow = readonly [section: string, name: string, kind: string, more?: {
  readonly since?: number; readonly until?: number; readonly becomes?: readonly (readonly [version: number, kind: string])[];
  readonly canonical?: readonly [section: string, name: string]; readonly fatal?: true;
}];
export type EnumerationRow = {
  readonly values: readonly (string | readonly [value: string, since: number])[];
  readonly boolean?: true; readonly numberUpTo?: number; readonly emptyIsDefault?: true;
};
`);
}

/** All directives that the loader of one version knows. */
function directivesOf(tree: Tree): Directives {
  const found = new Map<string, Row>();
  const add = (key: string, row: Row) => {
    // systemd ignores directives of features that are not compiled in; the table assumes that all features are.
    if (!(row.parser === 'warn_compat' && found.has(key)) || found.get(key)?.parser === 'warn_compat')
      found.set(key, row);
  };
  const [gperf = ''] = globSync(join(tree.path, 'src/core/load-fragment-gperf.gperf*'));
  for (const line of readFileSync(gperf, 'utf8').split('\n')) {
    const match = /^`?(\{\{type\}\}|\$1|Unit|Service)\.(\w+),\s*config_parse_(\w+),\s*([^,]+?),/.exec(line);
    if (match)
      add(`${match[1] === 'Unit' ? 'Unit' : 'Service'}.${match[2]}`, {
        parser: match[3] ?? '',
        argument: match[4] ?? '',
      });
  }
  const tables: readonly (readonly [file: string, section: string])[] = [
    ['src/shared/install.c', 'Install'],
    ['src/core/main.c', 'Manager'],
  ];
  for (const [file, section] of tables) {
    const text = readFileSync(join(tree.path, file), 'utf8').replace(/\/\*.*?\*\//gs, '');
    for (const match of text.matchAll(
      new RegExp(`\\{\\s*"${section}",\\s*"(\\w+)",\\s*config_parse_(\\w+),\\s*([^,]+),`, 'g'),
    )) {
      add(`${section}.${match[1]}`, { parser: match[2] ?? '', argument: match[3] ?? '' });
    }
  }
  return found;
}

/** One line of the table: when a directive was added and removed, and how its kind changed. */
function describe(
  key: string,
  known: readonly (Tree & { readonly directives: Directives })[],
  manual: ReadonlyMap<string, readonly number[]>,
): string {
  const [section = '', name = ''] = key.split('.');
  const first = known.findIndex(({ directives }) => directives.has(key));
  const last = known.findLastIndex(({ directives }) => directives.has(key));
  const present = known.slice(first, last + 1);
  const kinds: [version: number, kind: string][] = [];
  for (const [index, { directives, version }] of present.entries()) {
    const row = directives.get(key);
    if (!row) throw new Error(`${key} is missing in ${version}, but not before and after it`);
    const kind = kindOf(row, name);
    // A change between two trees gets the earlier version: newer kinds accept more, so that no value is called invalid by mistake.
    if (kinds.at(-1)?.[1] !== kind)
      kinds.push([(known[first + index - 1]?.version ?? version - 1) + 1, kind]);
  }
  const canonical = CANONICAL[key]?.split('.');
  const argument = present.at(-1)?.directives.get(key)?.argument;
  const more = [
    ...(first > 0
      ? [`since: ${sinceOf(name, known[first - 1]?.version ?? 0, known[first]?.version ?? 0, manual)}`]
      : []),
    ...(last < known.length - 1 ? [`until: ${known[last + 1]?.version}`] : []),
    ...(kinds.length > 1
      ? [
          `becomes: [${kinds
            .slice(1)
            .map(([version, kind]) => `[${version}, '${kind}']`)
            .join(', ')}]`,
        ]
      : []),
    ...(canonical ? [`canonical: ['${canonical.join("', '")}']`] : []),
    ...(argument === 'true' ? ['fatal: true'] : []),
  ];
  return `  ['${section}', '${name}', '${kinds[0]?.[1]}'${more.length > 0 ? `, { ${more.join(', ')} }` : ''}],`;
}

function kindOf({ parser }: Row, name: string): string {
  const table = ENUMERATIONS[parser];
  if (table !== undefined) return `enum ${table}`;
  const kind = KIND_OF_PARSER.get(parser);
  if (kind === undefined)
    throw new Error(`config_parse_${parser}(), which reads ${name}=, is new: say in KINDS what it reads`);
  if (kind === 'memory-limit' && /Low$|Min$|SwapMax$/.test(name)) return 'memory-limit-or-0';
  return kind;
}

/** The version that added a directive: known when the trees before and after are neighbours, otherwise from the manual, otherwise the earliest possible. */
function sinceOf(
  name: string,
  before: number,
  after: number,
  manual: ReadonlyMap<string, readonly number[]>,
): number {
  const names = [name, name.replace(/^Assert/, 'Condition')];
  const inManual = names
    .flatMap(term => manual.get(term) ?? [])
    .filter(version => version > before && version <= after);
  return Math.min(...(inManual.length > 0 ? inManual : [before + 1]));
}

/** `Name` -> every "Added in version" in the entries that explain the directive. */
function versionsInManual(tree: Tree): ReadonlyMap<string, readonly number[]> {
  const versions = new Map<string, number[]>();
  const pages = [
    'systemd.unit',
    'systemd.service',
    'systemd.exec',
    'systemd.kill',
    'systemd.resource-control',
    'systemd-system.conf',
  ];
  for (const page of pages) {
    const text = readFileSync(join(tree.path, 'man', `${page}.xml`), 'utf8');
    for (const [entry] of text.matchAll(/<varlistentry.*?<\/varlistentry>/gs)) {
      const added = [...entry.matchAll(/xpointer="v(\d+)"/g)].map(match => Number(match[1]));
      for (const term of entry.matchAll(/<term>.*?<varname>(\w+)=.*?<\/term>/gs))
        versions.set(term[1] ?? '', [...(versions.get(term[1] ?? '') ?? []), ...added]);
    }
  }
  return versions;
}

/** One enumeration, with the version that added each value. */
function valuesOf(table: string, trees: readonly Tree[]): string | undefined {
  const since = new Map<string, number>();
  let boolean = false;
  let before: number | undefined;
  for (const tree of trees) {
    const found = stringTable(table, tree);
    if (!found) continue;
    boolean ||= found.boolean;
    for (const value of found.values) {
      if (!since.has(value))
        since.set(value, before === undefined ? 0 : (VALUE_SINCE.get(`${table} ${value}`) ?? before + 1));
    }
    before = tree.version;
  }
  if (since.size === 0) return undefined;
  const values = [...since]
    .map(([value, version]) => (version === 0 ? `'${value}'` : `['${value}', ${version}]`))
    .join(', ');
  const numberUpTo = NUMERIC_MAX.get(table);
  const more = `${boolean ? ', boolean: true' : ''}${numberUpTo === undefined ? '' : `, numberUpTo: ${numberUpTo}`}${EMPTY_IS_DEFAULT.has(table) ? ', emptyIsDefault: true' : ''}`;
  return `  ${table}: { values: [${values}]${more} },`;
}

function stringTable(
  table: string,
  tree: Tree,
): { readonly values: readonly string[]; readonly boolean: boolean } | undefined {
  for (const file of globSync(join(tree.path, 'src/{core,shared,basic}/*.c'))) {
    const text = readFileSync(file, 'utf8');
    if (!text.includes(`${table}_table[`)) continue;
    const match = new RegExp(
      `const char ?\\* ?const ${table}_table\\[[^\\]]*\\] *= *\\{(.*?)\\n\\};`,
      's',
    ).exec(text);
    if (!match) continue;
    const values = [...(match[1] ?? '').replace(/\/\*.*?\*\//gs, '').matchAll(/"([^"]*)"/g)].map(
      ([, value = '']) => value,
    );
    return { values, boolean: new RegExp(`STRING_TABLE_LOOKUP\\w*WITH_BOOLEAN\\w*\\(${table},`).test(text) };
  }
  return undefined;
}

function bySectionAndName(a: string, b: string): number {
  const section = (key: string) => SECTIONS.indexOf(key.split('.')[0] ?? '');
  return section(a) - section(b) || (a < b ? -1 : 1);
}
