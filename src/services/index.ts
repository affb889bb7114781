/** The services that daruma knows, one file for each. */
import { copilotApi } from './copilot-api.ts';
import { haproxyFront } from './front.ts';
import { hermesGateway } from './hermes-gateway.ts';
import type { KnownService } from './known-service.ts';
import { litellm } from './litellm.ts';
import { llamaServer } from './llama-server.ts';
import { n8n } from './n8n.ts';
import { nodeService } from './node-service.ts';
import { ollama } from './ollama.ts';
import { openWebui } from './open-webui.ts';
import { openclawGateway } from './openclaw-gateway.ts';
import type { Program } from './program.ts';
import { pythonWeb } from './python-web.ts';
import { vllm } from './vllm.ts';

/** A service of the user that is one of the known services. */
export interface RecognisedService {
  readonly service: KnownService;
  readonly program: Program;
}

/** The most specific services first: a program that runs on some server's software is not that server. */
export const knownServices: readonly KnownService[] = [
  openclawGateway,
  litellm,
  copilotApi,
  ollama,
  vllm,
  llamaServer,
  openWebui,
  n8n,
  hermesGateway,
  haproxyFront,
  // Programs that are only known by their server or interpreter.
  pythonWeb,
  nodeService,
];

/** Recognises which of the known services a program is. */
export function recogniseService(program: Program): RecognisedService | undefined {
  const service = knownServices.find(known => known.recognises(program));
  return service && { service, program };
}
