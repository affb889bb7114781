/** OpenClaw's databases, with the tables that are read as OpenClaw 2026.9.6 made them. */
import fs from 'node:fs';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';

const pairingTables = `
CREATE TABLE channel_pairing_requests (
  channel_key TEXT NOT NULL,
  account_id TEXT NOT NULL,
  request_id TEXT NOT NULL,
  code TEXT NOT NULL,
  created_at TEXT NOT NULL,
  last_seen_at TEXT NOT NULL,
  meta_json TEXT,
  PRIMARY KEY (channel_key, account_id, request_id)
) STRICT;
CREATE TABLE channel_pairing_allow_entries (
  channel_key TEXT NOT NULL,
  account_id TEXT NOT NULL,
  entry TEXT NOT NULL,
  sort_order INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  PRIMARY KEY (channel_key, account_id, entry)
) STRICT;`;

const conversationTable = `
CREATE TABLE conversations (
  conversation_id TEXT NOT NULL PRIMARY KEY,
  channel TEXT NOT NULL,
  account_id TEXT NOT NULL,
  kind TEXT NOT NULL CHECK (kind IN ('direct', 'group', 'channel')),
  peer_id TEXT NOT NULL,
  delivery_target TEXT NOT NULL,
  parent_conversation_id TEXT,
  thread_id TEXT,
  native_channel_id TEXT,
  native_direct_user_id TEXT,
  label TEXT,
  metadata_json TEXT,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL
) STRICT;`;

/** Opens a database as OpenClaw does, in WAL mode; who opens it closes it. */
export function openDatabase(file: string, sql: string): DatabaseSync {
  fs.mkdirSync(path.dirname(file), { recursive: true });
  const database = new DatabaseSync(file);
  database.exec(`PRAGMA journal_mode = WAL;${sql}`);
  return database;
}

export interface OpenclawState {
  /** By account, the entries that were approved. */
  readonly paired?: Readonly<Record<string, readonly string[]>>;
  /** Who waits, by id, with what they say of themselves. */
  readonly waiting?: Readonly<Record<string, object>>;
  /** Delivery targets. */
  readonly direct?: readonly string[];
  readonly groups?: readonly string[];
}

/** Writes the databases of the default account. */
export function writeState(
  folder: string,
  { paired = {}, waiting = {}, direct = [], groups = [] }: OpenclawState,
): void {
  using state = openDatabase(path.join(folder, 'state/openclaw.sqlite'), `${pairingTables}BEGIN`);
  const allow = state.prepare("INSERT INTO channel_pairing_allow_entries VALUES ('telegram', ?, ?, ?, 1)");
  for (const [account, entries] of Object.entries(paired))
    for (const [index, entry] of entries.entries()) allow.run(account, entry, index);
  const request = state.prepare(
    "INSERT INTO channel_pairing_requests VALUES ('telegram', 'default', ?, 'ABCDEFGH', '2026-11-29T09:11:56.040Z', '2026-11-29T09:11:56.040Z', ?)",
  );
  for (const [id, meta] of Object.entries(waiting)) request.run(id, JSON.stringify(meta));
  state.exec('COMMIT');
  using agent = openDatabase(path.join(folder, 'agents/main/agent/openclaw-agent.sqlite'), conversationTable);
  const conversation = agent.prepare(
    "INSERT INTO conversations (conversation_id, channel, account_id, kind, peer_id, delivery_target, created_at, updated_at) VALUES (?, 'telegram', 'default', ?, 'x', ?, 1, 1)",
  );
  for (const target of direct) conversation.run(`conv_${target}`, 'direct', target);
  for (const target of groups) conversation.run(`conv_${target}`, 'group', target);
}
