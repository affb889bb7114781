/** A unit as rules see it: what systemd makes of it, what the model says of it, and what program it runs. */
import type { Inventory, ServiceEntry } from '../inventory/inventory.ts';
import type { ServiceFacts } from '../restart/outcome.ts';
import { type ProcessFalls, processFalls } from '../restart/survival.ts';
import type { RecognisedService } from '../services/index.ts';
import type { Program } from '../services/program.ts';
import type { ServiceSettings } from '../systemd/service-settings.ts';
import type { Unit } from '../systemd/unit.ts';
import type { UnitPolicy } from './policy.ts';

export interface CheckedUnit {
  readonly name: string;
  readonly unit: Unit;
  readonly entry: ServiceEntry;
  readonly policy: UnitPolicy;
  /** The loaded service; undefined when systemd does not load the unit. */
  readonly service: LoadedService | undefined;
}

export interface LoadedService extends CheckedUnit {
  readonly settings: ServiceSettings;
  readonly facts: ServiceFacts;
  /** Whether the service should run all the time, rather than do a job and end. */
  readonly isMeantToStay: boolean;
  /** The falls of its process, each with whether the service gets up again. */
  readonly falls: ProcessFalls;
  /** The program that `ExecStart=` runs, without its wrappers; undefined when there is no command. */
  readonly program: Program | undefined;
  /** The known service that the program belongs to, if it is one that daruma knows. */
  readonly known: RecognisedService | undefined;
}

/** Makes a unit ready for the rules. Answers that take time to work out are computed when a rule first asks for them. */
export function checkedUnit(entry: ServiceEntry, policy: UnitPolicy, inventory: Inventory): CheckedUnit {
  const { facts } = entry;
  const { unit } = entry.service;
  const base = { name: unit.name, unit, entry, policy };
  if (facts === undefined) return { ...base, service: undefined };
  return new Loaded(base, facts, inventory);
}

class Loaded implements LoadedService {
  readonly name: string;
  readonly unit: Unit;
  readonly entry: ServiceEntry;
  readonly policy: UnitPolicy;
  readonly facts: ServiceFacts;
  readonly #inventory: Inventory;
  #falls: ProcessFalls | undefined;

  constructor(base: Omit<CheckedUnit, 'service'>, facts: ServiceFacts, inventory: Inventory) {
    this.name = base.name;
    this.unit = base.unit;
    this.entry = base.entry;
    this.policy = base.policy;
    this.facts = facts;
    this.#inventory = inventory;
  }

  get service(): LoadedService {
    return this;
  }

  get settings(): ServiceSettings {
    return this.facts.settings;
  }

  get falls(): ProcessFalls {
    this.#falls ??= processFalls(this.facts, this.#inventory.machine);
    return this.#falls;
  }

  get isMeantToStay(): boolean {
    return this.entry.purpose?.isMeantToStay ?? false;
  }

  get program(): Program | undefined {
    return this.entry.program;
  }

  get known(): RecognisedService | undefined {
    return this.entry.known;
  }
}
