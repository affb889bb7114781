/** Escapes text for markup: the characters that Telegram, Slack and the desktop require to be replaced. */

/** Sources: core.telegram.org/bots/api#html-style, docs.slack.dev "Escaping text", Desktop Notifications Specification. */
export function escapeMarkup(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
