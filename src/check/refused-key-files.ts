/** Finds the files with keys of a gateway that OpenClaw does not take as they are. */
import { referredFile } from '../secrets/openclaw-secret.ts';
import { nodeAt } from '../services/config-node.ts';
import { type KeyFileRefusal, keyFileRefusal } from '../services/openclaw-key-file.ts';
import type { Host } from '../systemd/host/host.ts';
import type { SourceLine } from '../systemd/service-settings.ts';
import type { Gateway } from '../routes/picture.ts';

interface RefusedKeyFile extends KeyFileRefusal {
  /** Id of the provider. */
  readonly provider: string;
  readonly file: string;
  /** The reference to the file. */
  readonly source: SourceLine;
}

/** @param ids the providers that are looked at */
export function refusedKeyFiles(
  { config, providers }: Pick<Gateway, 'config' | 'providers'>,
  ids: readonly string[],
  host: Host,
): readonly RefusedKeyFile[] {
  return providers.flatMap(({ id, key }) => {
    if (key.kind !== 'reference' || !ids.includes(id)) return [];
    const reference = nodeAt(config.root, 'models', 'providers', id, 'apiKey');
    const file = referredFile(reference, config);
    const refusal = file === undefined ? undefined : keyFileRefusal(file, host);
    return file === undefined || reference === undefined || refusal === undefined
      ? []
      : [{ provider: id, file, source: reference.source, ...refusal }];
  });
}
