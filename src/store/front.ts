/** Keeps which places a front calls down, and what was told of that. */
import type { DatabaseSync } from 'node:sqlite';
import { SingleRecord } from './single-record.ts';

export class FrontRecord<Moves> extends SingleRecord<Moves> {
  constructor(database: DatabaseSync) {
    super(database, 'front');
  }
}
