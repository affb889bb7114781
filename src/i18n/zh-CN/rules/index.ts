import type { AllRuleTexts } from '../../rule-texts.ts';
import { command } from './command.ts';
import { failover } from './failover.ts';
import { file } from './file.ts';
import { hang } from './hang.ts';
import { hooks } from './hooks.ts';
import { memory } from './memory.ts';
import { ports } from './ports.ts';
import { restart } from './restart.ts';
import { secrets } from './secrets.ts';
import { session } from './session.ts';

export const rules: AllRuleTexts = {
  ...restart,
  ...hang,
  ...session,
  ...hooks,
  ...secrets,
  ...command,
  ...ports,
  ...file,
  ...memory,
  ...failover,
};
