import { openMvcc } from "../../mvcc/mvcc-store.ts";
import type { StoreOptions } from "../../options.ts";
import type { Store } from "../../store.ts";
import { LevelEngine } from "./level-engine.ts";
import { openDatabase } from "./open-database.ts";

export interface LevelStoreOptions extends StoreOptions {
  /** Holds the store and nothing else. Made when it is missing. */
  readonly folder: string;
  /** False only in tests: a write is then acknowledged before it is on the disk. */
  readonly durable?: boolean;
}

/** The embedded store. Throws StoreLockedError, StoreCorruptError, StoreFormatError or StoreOpenError. */
export async function openLevelStore(options: LevelStoreOptions): Promise<Store> {
  const { folder, durable = true } = options;
  return await openMvcc(new LevelEngine(await openDatabase(folder), { folder, durable }), options);
}
