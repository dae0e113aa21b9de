import type { KindRow } from "./kinds.ts";
import { apply } from "./steps/apply.ts";
import { changeMetadata, changeStatus, edit, patch, replace } from "./steps/change.ts";
import { create } from "./steps/create.ts";
import { deleteHeld, deleteNow, deleteTheRest, replaceByForce } from "./steps/delete.ts";
import { describeBoth } from "./steps/describe.ts";
import { explain } from "./steps/explain.ts";
import { readLists, readObjects, readParts, readTables } from "./steps/read.ts";
import type { Step } from "./walk.ts";

/** The way of a kind through the commands: made and read, changed and deleted, made anew and deleted for good. */
export const reading: readonly Step[] = [create, readTables, readObjects, readParts, readLists, explain, describeBoth];

export function changesOf({ status }: KindRow): readonly Step[] {
  return [changeMetadata, patch, edit, ...(status === undefined ? [] : [changeStatus]), replace, deleteHeld];
}

export const remaking: readonly Step[] = [deleteNow, apply, replaceByForce, deleteTheRest];
