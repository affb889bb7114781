import type { GroupTexts } from '../../rule-texts.ts';

export const ports: GroupTexts<'ports'> = {};
