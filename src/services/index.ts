/** The services that daruma knows, one file each. */
import { copilotApi } from './copilot-api.ts';
import type { KnownService } from './known-service.ts';
import { litellm } from './litellm.ts';
import { openclawGateway } from './openclaw-gateway.ts';
import type { Program } from './program.ts';

/** A service of the user's that is one of the known ones. */
export interface RecognisedService {
  readonly service: KnownService;
  readonly program: Program;
}

/** The most particular first: what runs on another's server is not that server. */
export const knownServices: readonly KnownService[] = [openclawGateway, litellm, copilotApi];

/** Which of the known services a program is. */
export function recogniseService(program: Program): RecognisedService | undefined {
  const service = knownServices.find(known => known.recognises(program));
  return service && { service, program };
}
