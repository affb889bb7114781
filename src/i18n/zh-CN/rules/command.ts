import type { GroupTexts } from '../../rule-texts.ts';

export const command: GroupTexts<'command'> = {};
