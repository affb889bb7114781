/** Keeps what is needed to notice that the machine was down. */
import type { DatabaseSync } from 'node:sqlite';
import { SingleRecord } from './single-record.ts';

export class LifeRecord<Life> extends SingleRecord<Life> {
  constructor(database: DatabaseSync) {
    super(database, 'life');
  }
}
