/** The files with secrets that a service reads. */
import type { SecretFile } from '../secrets/secret-places.ts';
import { referredFiles } from '../secrets/openclaw-secret.ts';
import { environmentFilesOf } from '../services/environment.ts';
import type { RecognisedService } from '../services/index.ts';
import { litellmConfigOf } from '../services/litellm.ts';
import { configurationOf } from '../services/openclaw-gateway.ts';
import type { OwnFiles } from '../services/own-files.ts';
import type { LoadedService } from './checked-unit.ts';

/** The files that a service reads. Its unit file is checked by another rule. */
export function secretFilesOf({ unit, known }: LoadedService, files: OwnFiles): readonly SecretFile[] {
  const environment = environmentFilesOf(unit, files)
    .filter(({ file }) => file.startsWith('/'))
    .map(({ file }) => ({ file, format: 'environment' }) as const);
  return [...environment, ...(known === undefined ? [] : configurationFiles(known))];
}

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
    default:
      return [];
  }
}
