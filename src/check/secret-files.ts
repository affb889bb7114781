/** The files with secrets that a service reads. */
import type { ServiceEntry } from '../inventory/inventory.ts';
import { referredFiles } from '../secrets/openclaw-secret.ts';
import { isSecret } from '../secrets/recognition.ts';
import { type SecretFile, secretValuesIn } from '../secrets/secret-places.ts';
import { environmentFilesOf, readEnvironment } from '../services/environment.ts';
import { frontFilesOf, haproxyFront } from '../services/front.ts';
import type { RecognisedService } from '../services/index.ts';
import { litellmConfigOf } from '../services/litellm.ts';
import { configurationOf } from '../services/openclaw-gateway.ts';
import { type OwnFiles, ownFilesOf } from '../services/own-files.ts';
import type { Host } from '../systemd/host/host.ts';
import type { LoadedService } from './checked-unit.ts';

/** The files that a service reads. Its unit file is checked by another rule. */
export function secretFilesOf(
  { unit, known }: Pick<LoadedService, 'unit' | 'known'>,
  files: OwnFiles,
): readonly SecretFile[] {
  const environment = environmentFilesOf(unit, files)
    .filter(({ file }) => file.startsWith('/'))
    .map(({ file }) => ({ file, format: 'environment' }) as const);
  return [...environment, ...(known === undefined ? [] : configurationFiles(known))];
}

/**
 * The secrets that a service has, as far as daruma reads them: what it writes into its log may hold them in any form. Never shown.
 */
export function secretValuesOf(
  { service: { unit }, known }: Pick<ServiceEntry, 'service' | 'known'>,
  host: Host,
): readonly string[] {
  const files = ownFilesOf(host);
  const { variables } = readEnvironment(unit, host, files);
  const given = [...variables].flatMap(([name, { value }]) => (isSecret(name, value) ? [value] : []));
  const written = secretFilesOf({ unit, known }, files).flatMap(({ file, format }) => {
    const content = files.read(file);
    if (content.state !== 'read') return [];
    return format === 'named'
      ? [content.text.trim()]
      : secretValuesIn(content.text, format, host.systemd.version);
  });
  return [...new Set([...given, ...written])].filter(value => value.length >= shortestHidden);
}

/** A shorter one is part of many words. */
const shortestHidden = 6;

function configurationFiles({ service, program }: RecognisedService): readonly SecretFile[] {
  switch (service.id) {
    case 'openclaw-gateway': {
      const config = configurationOf(program);
      if (config === undefined) return [];
      return [
        ...config.files.map(file => ({ file, format: 'json5' }) as const),
        // Variables in the configuration also come from there.
        { file: config.environmentFile, format: 'environment' },
        ...referredFiles(config).map(({ file, isWhole, namedBy, source }) =>
          isWhole
            ? ({ file, format: 'named', keys: [namedBy], source } as const)
            : ({ file, format: 'json5' } as const),
        ),
      ];
    }
    case 'litellm':
      return (litellmConfigOf(program)?.files ?? []).map(file => ({ file, format: 'yaml' }) as const);
    case haproxyFront.id:
      return frontFilesOf(program).map(file => ({ file, format: 'haproxy' }) as const);
    default:
      return [];
  }
}
