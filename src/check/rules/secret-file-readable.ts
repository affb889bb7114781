import { type SecretFile, secretsIn } from '../../secrets/secret-places.ts';
import { ownFilesOf } from '../../services/own-files.ts';
import type { CheckedUnit } from '../checked-unit.ts';
import { isOpenToOthers } from '../permissions.ts';
import type { HostRule } from '../rule.ts';
import type { Source } from '../../systemd/service-settings.ts';
import { secretFilesOf } from '../secret-files.ts';

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
  begin({ inventory: { host }, secretFiles }) {
    const own = ownFilesOf(host);
    // Several services may share a file: only the first of them reports it.
    const files = new Map<string, SecretFile & { readonly unit: string | null }>();
    const add = (unit: string | null, found: readonly SecretFile[]) => {
      for (const each of found) if (!files.has(each.file)) files.set(each.file, { ...each, unit });
    };
    return {
      see({ name, service }: CheckedUnit) {
        if (service !== undefined) add(name, secretFilesOf(service, own));
      },
      *faults() {
        add(null, secretFiles);
        for (const [file, found] of files) {
          if (isOpenToOthers(host, file) !== true) continue;
          const content = own.read(file);
          if (content.state !== 'read') continue;
          const { keys, source } = contentOf(found, content.text);
          if (keys.length === 0) continue;
          const isOwn = host.user !== undefined && file.startsWith(`${host.user.home}/`);
          const mode = host.files.status(file)?.mode ?? 0;
          yield {
            unit: found.unit,
            source,
            details: { file, mode: mode.toString(8).padStart(4, '0'), keys, isOwn },
            changes: isOwn ? [{ kind: 'mode', path: file, mode: 0o600 }] : [],
          };
        }
      },
    };

    function contentOf(
      found: SecretFile,
      text: string,
    ): Pick<SecretFileReadable, 'keys'> & { readonly source: Source | null } {
      const { file, format } = found;
      if (format === 'named') return { keys: text.trim() === '' ? [] : found.keys, source: found.source };
      const secrets = secretsIn(text, format, host.systemd.version);
      const [first] = secrets;
      return {
        keys: secrets.map(({ key }) => key),
        source: first === undefined ? null : { file, line: first.line },
      };
    }
  },
};
