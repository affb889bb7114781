import type { GroupTexts } from '../../rule-texts.ts';
import { fallNames } from '../fall-names.ts';

export const restart: GroupTexts<'restart'> = {
  'restart-blind-spot': {
    title: 'A common end leaves the service down',
    message: ({ falls }) => `Stays down after ${falls.map(({ fall }) => fallNames[fall]).join(', ')}`,
    why: ({ policy }) =>
      `Restart=${policy} does not bring it back: it is down until somebody starts it by hand.`,
    remedy: () => 'Set Restart=always in [Service].',
  },
};
