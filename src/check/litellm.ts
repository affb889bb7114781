/** Rules about LiteLLM: what they say of the program of a service goes for that of a container as well. */
import type { Program } from '../services/program.ts';
import type { Fault, ServiceRule } from './rule.ts';

export function litellmRule<Id extends string, D extends object>(
  kind: Pick<ServiceRule<Id, D>, 'id' | 'severity' | 'worst' | 'needs' | 'keepsDown'>,
  judge: (program: Program, where: 'service' | 'container') => Iterable<Fault<D>>,
): ServiceRule<Id, D> {
  return {
    ...kind,
    judges: 'service',
    *check({ known }) {
      if (known?.service.id === 'litellm') yield* judge(known.program, 'service');
    },
    *beside(context) {
      for (const { unit, container } of context.routes().own.proxies) {
        if (container === undefined) continue;
        for (const fault of judge(container.program, 'container')) yield { ...fault, unit };
      }
    },
  };
}
