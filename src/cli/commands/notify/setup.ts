/** `daruma notify setup`: the bot of OpenClaw, or another one of Telegram, writes to its person. */
import { configurationPlace } from '../../../config/lookup.ts';
import { loadCatalogue } from '../../../i18n/index.ts';
import { type PlannedChannel, planChannel } from '../../../notify/setup/channel.ts';
import { botNumber, openclawBots } from '../../../notify/setup/openclaw-bots.ts';
import { createChannels } from '../../../notify/channels/index.ts';
import { telegram } from '../../../notify/channels/telegram.ts';
import { notifySettings } from '../../../notify/settings.ts';
import { botsToJson, renderBots } from '../../../report/telegram-bots.ts';
import { shownPath } from '../../../report/place.ts';
import { printable } from '../../../report/printable.ts';
import { wrapText } from '../../../report/terminal.ts';
import type { Host } from '../../../systemd/host/host.ts';
import {
  type ConfiguredTarget,
  configureTargets,
  editableConfiguration,
  loadConfiguration,
  placesOf,
} from '../../configuration.ts';
import { expectYes, isInteractive } from '../../confirm.ts';
import { type Context, expectHere } from '../../context.ts';
import { badInput, Failure } from '../../failure.ts';
import { withMessageLanguage } from '../../message-language.ts';
import type { CommonOptions, PlanOptions } from '../../options.ts';
import { write } from '../../output.ts';
import { type ChosenBot, chatOf, chooseBot, chooseChat } from '../../setup-choice.ts';
import { openTargets, tellLimits } from '../../targets.ts';
import { carryOutHooks, planTargetHooks } from './install.ts';
import { sendTest } from './test.ts';

/** @returns the exit code, as of `daruma fix` */
export async function setup(
  words: readonly string[],
  options: CommonOptions & PlanOptions,
  context: Context,
): Promise<number> {
  const { catalogue, format, io, terminal, viewpoint } = context;
  expectHere('notify setup', options, catalogue);
  const given = givenChat(words, context);
  await using hosts = new AsyncDisposableStack();
  const opened = await openTargets([], context.targets, context, hosts);
  const [target] = await configureTargets(opened, options.config, context);
  if (target === undefined) throw new Error('a host has one target');
  const { host } = target.inventory;
  const found = await openclawBots(target.inventory);
  const { bots } = found;
  tellLimits([target], context);
  const { hasChannels } = target.configured.policy;
  if (bots.length === 0 && given === undefined && hasChannels)
    return await completeSetup(target, options, context);
  const isOfUse = bots.length > 0 || isInteractive(options, context);
  if (format === 'human' && isOfUse) await write(io, renderBots(bots, host, catalogue, terminal, viewpoint));
  const bot = await chooseBot(found, options, context);
  const chat = await chooseChat(bot, given, options, context);
  const planned = await plannedChannel(bot, chat, host, options, context);
  if (planned.changes.files.size === 0 && given === undefined)
    return await completeSetup(target, options, context);
  if (planned.tokenFile !== undefined && bots.length > 0 && format === 'human') {
    const text = catalogue.setup.copied(shownPath(planned.tokenFile, host, viewpoint));
    await write(io, `${wrapText(terminal, printable(text), [0, 2])}\n`);
  }
  const hooks = await planTargetHooks(target, true, context);
  if (hooks === undefined) throw new Failure(3, 'no-home', catalogue.fix.noStateFolder);
  if (!options.dryRun) {
    const question = catalogue.setup.question(botNumber(bot.token), String(chat));
    if (!(await expectYes(options, context, question))) {
      await write(io, `${catalogue.fix.nothingDone}\n`);
      return 0;
    }
    await tryChannel(planned, bot, host, options, context);
  }
  const { files, madeFrom } = planned.changes;
  const both = { ...hooks, files: new Map([...files, ...hooks.files]), madeFrom };
  const plan = await withMessageLanguage(both, host, options, context);
  const { channel, name } = planned;
  const setupDocument = {
    openclaw: botsToJson(bots),
    bot: botNumber(bot.token),
    channel: { name, ...channel },
    tested: !options.dryRun,
  };
  const { alreadyThere } = catalogue.setup;
  return await carryOutHooks(plan, target, alreadyThere, options, context, { setup: setupDocument });
}

/** There is a channel: says what is set up, and installs what is missing beside it. */
async function completeSetup(
  target: ConfiguredTarget,
  options: CommonOptions & PlanOptions,
  context: Context,
): Promise<number> {
  const { catalogue, format, io, terminal } = context;
  const { setup: texts, punctuation } = catalogue;
  const { host } = target.inventory;
  const place = configurationPlace(placesOf(host, options.config, context));
  const written = place && (await loadConfiguration(place, catalogue)).written;
  const names = createChannels(written, context.environment).map(({ name }) => name);
  if (format === 'human')
    await write(
      io,
      `${wrapText(terminal, printable(texts.channels(names.join(punctuation.list))), [0, 2])}\n`,
    );
  const hooks = await planTargetHooks(target, true, context);
  if (hooks === undefined) throw new Failure(3, 'no-home', catalogue.fix.noStateFolder);
  const plan = await withMessageLanguage(hooks, host, options, context);
  const nothingToDo = [texts.alreadyThere, texts.tryThem, texts.addMore]
    .map(text => wrapText(terminal, text, [0, 2]))
    .join('\n');
  return await carryOutHooks(plan, target, nothingToDo, options, context);
}

function givenChat([word, ...more]: readonly string[], { catalogue }: Context): number | string | undefined {
  const { errors, setup: texts } = catalogue;
  if (more.length > 0) throw badInput('usage', errors.excessArguments(), more[0], errors.seeHelp);
  if (word === undefined) return undefined;
  const chat = chatOf(word);
  if (chat === undefined) throw badInput('bad-chat', texts.badChat(word), word);
  return chat;
}

/** @throws Failure when the configuration may not be changed */
async function plannedChannel(
  bot: ChosenBot,
  chat: number | string,
  host: Host,
  { config }: CommonOptions,
  context: Context,
): Promise<PlannedChannel> {
  const { setup: texts } = context.catalogue;
  const place = configurationPlace(placesOf(host, config, context));
  const written = place && (await loadConfiguration(place, context.catalogue)).written;
  const editable = editableConfiguration(host, config, context);
  const { environment } = context;
  const file = editable ?? { path: place?.path ?? '', text: '' };
  const planned = planChannel(bot, chat, written, file, host, environment);
  if (editable !== undefined || planned.changes.files.size === 0) return planned;
  const channel = Object.entries(planned.channel).map(([key, value]) => `${key}: ${value}`);
  throw new Failure(3, 'not-editable', place === undefined ? texts.nowhere : texts.notEditable(place.path), {
    where: place?.path,
    hint: texts.addYourself(`{${channel.join(', ')}}`),
  });
}

/** @throws Failure when the message is not delivered */
async function tryChannel(
  { name, channel: settings }: PlannedChannel,
  bot: ChosenBot,
  host: Host,
  { config }: CommonOptions,
  context: Context,
): Promise<void> {
  const { catalogue, format, io } = context;
  const place = configurationPlace(placesOf(host, config, context));
  const configured = notifySettings(place && (await loadConfiguration(place, catalogue)).written);
  const { language } = configured;
  const messages = language === undefined ? catalogue : await loadCatalogue(language);
  const channel = telegram(name, settings, () => bot.token);
  const receipt = await sendTest(channel, { host, settings: configured, messages });
  if (receipt.kind !== 'delivered') {
    const { fault } = receipt;
    const isUnknownThere = fault.code === 'not-found' || fault.code === 'forbidden';
    throw new Failure(3, 'not-delivered', catalogue.setup.notArrived(catalogue.notify.fault(fault)), {
      where: name,
      hint: isUnknownThere ? catalogue.setup.writeFirst : undefined,
    });
  }
  if (format === 'human') await write(io, `${catalogue.notify.delivered(name)}\n`);
}
