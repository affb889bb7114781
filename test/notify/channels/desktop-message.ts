/** Shows one message, and says what became of it. */
import { createChannels } from '../../../src/notify/channels/index.ts';

const [channel] = createChannels({ notify: { channels: [{ type: 'desktop' }] } }, process.env);
const receipt = await channel?.send(
  { id: 'own', title: '🔄 litellm <restarted> & up', body: '1 < 2 & 3', notices: [] },
  AbortSignal.timeout(10_000),
);
process.stdout.write(receipt?.kind === 'delivered' ? 'delivered\n' : `${JSON.stringify(receipt)}\n`);
