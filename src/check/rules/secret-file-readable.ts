import path from 'node:path';
import { environmentFilesOf } from '../../services/environment.ts';
import { configPath } from '../../services/openclaw-gateway.ts';
import { optionOf } from '../../services/program.ts';
import { type OwnFiles, ownFilesOf } from '../../services/own-files.ts';
import type { CheckedUnit, LoadedService } from '../checked-unit.ts';
import { isOpenToOthers } from '../permissions.ts';
import type { HostRule } from '../rule.ts';
import { type SecretFileFormat, secretsIn } from '../../secrets/secret-places.ts';

export interface SecretFileReadable {
  readonly file: string;
  /** Permission bits, as in `0644`. */
  readonly mode: string;
  /** The secrets in the file: names of variables, or paths of keys. */
  readonly keys: readonly string[];
  /** Whether the file lies in the user's home, so that nobody else needs to read it. */
  readonly isOwn: boolean;
}

/** A file with secrets that any user of the machine may read. */
export const secretFileReadable: HostRule<'secret-file-readable', SecretFileReadable> = {
  id: 'secret-file-readable',
  severity: 'critical',
  needs: 'machine',
  judges: 'host',
  begin(context) {
    const { host } = context.inventory;
    const own = ownFilesOf(host);
    // Several services may share a file: only the first of them reports it.
    const files = new Map<string, { readonly unit: string; readonly format: SecretFileFormat }>();
    return {
      see({ name, service }: CheckedUnit) {
        for (const { file, format } of service === undefined ? [] : secretFilesOf(service, own)) {
          if (!files.has(file)) files.set(file, { unit: name, format });
        }
      },
      *faults() {
        for (const [file, { unit, format }] of files) {
          if (isOpenToOthers(host, file) !== true) continue;
          const content = own.read(file);
          if (content.state !== 'read') continue;
          const secrets = secretsIn(content.text, format, host.systemd.version);
          const [first] = secrets;
          if (first === undefined) continue;
          const isOwn = host.user !== undefined && file.startsWith(`${host.user.home}/`);
          const mode = host.files.status(file)?.mode ?? 0;
          yield {
            unit,
            source: { file, line: first.line },
            details: {
              file,
              mode: mode.toString(8).padStart(4, '0'),
              keys: secrets.map(({ key }) => key),
              isOwn,
            },
            changes: isOwn ? [{ kind: 'mode', path: file, mode: 0o600 }] : [],
          };
        }
      },
    };
  },
};

interface SecretFile {
  readonly file: string;
  readonly format: SecretFileFormat;
}

/** The files that a service reads and that may contain secrets. Its unit file is checked by another rule. */
function secretFilesOf({ unit, known }: LoadedService, files: OwnFiles): readonly SecretFile[] {
  const environment = environmentFilesOf(unit, files)
    .filter(({ file }) => file.startsWith('/'))
    .map(({ file }) => ({ file, format: 'environment' }) as const);
  return [...environment, ...(known === undefined ? [] : configurationFiles(known))];
}

function configurationFiles({
  service,
  program,
}: NonNullable<LoadedService['known']>): readonly SecretFile[] {
  switch (service.id) {
    case 'openclaw-gateway': {
      const file = configPath(program);
      // Variables in the configuration also come from the `.env` beside it.
      const environment = file && `${path.posix.dirname(file)}/.env`;
      return file === undefined || environment === undefined
        ? []
        : [
            { file, format: 'json5' },
            { file: environment, format: 'environment' },
          ];
    }
    case 'litellm': {
      const file = program.resolve(optionOf(program, '--config', '-c') ?? '');
      return file === undefined ? [] : [{ file, format: 'yaml' }];
    }
    default:
      return [];
  }
}
