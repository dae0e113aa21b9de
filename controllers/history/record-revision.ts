import type { ControllerRevision } from "../../api/generated/types/apps-v1.ts";
import type { PodTemplateSpec } from "../../api/generated/types/core-v1.ts";
import { controllerReference } from "../../api/machinery/owners.ts";
import type { DeepReadonly, KubeObject } from "../../api/machinery/object.ts";
import { ApiError } from "../../api/machinery/status.ts";
import type { Client } from "../../client/client.ts";
import { controllerRevisions, type ResourceType } from "../../client/resource-types.ts";
import { revisionHash } from "./revision-hash.ts";
import { type Revision, revisionName } from "./revisions.ts";
import { records, templatePatch } from "./template-patch.ts";

const hashLabel = "controller.kubernetes.io/hash";
/** Names that are taken by others in a row: so many do not happen by chance. */
const maxCollisions = 100;

export interface NewRevision<Owner extends KubeObject> {
  readonly owner: DeepReadonly<Owner>;
  readonly ownerType: ResourceType<Owner>;
  readonly template: DeepReadonly<PodTemplateSpec>;
  readonly number: number;
  /** How often a name was found to be taken so far. */
  readonly collisionCount: number;
}

export interface Recorded {
  readonly revision: Revision;
  readonly collisionCount: number;
}

/** Writes a template into the owner's history. A name that another revision has is a collision: the next hash is tried. */
export async function recordRevision<Owner extends KubeObject>(
  what: NewRevision<Owner>,
  client: Client,
): Promise<Recorded> {
  const { namespace, name: ownerName = "" } = what.owner.metadata ?? {};
  const data = templatePatch(what.template);
  const first = revisionHash(data, what.collisionCount);
  for (let collisions = 0; collisions < maxCollisions; collisions += 1) {
    const collisionCount = what.collisionCount + collisions;
    const name = revisionName(ownerName, revisionHash(data, collisionCount));
    const made = await createUnlessThere(newRevision(what, name, first), client);
    if (made !== undefined) return { revision: made, collisionCount };
    const there = await client.get(controllerRevisions, { namespace, name });
    if (records(there, what.template)) return { revision: there, collisionCount };
  }
  throw new Error(`no name is left for a revision of ${ownerName}`);
}

function newRevision<Owner extends KubeObject>(
  { owner, ownerType, template, number }: NewRevision<Owner>,
  name: string,
  hash: string,
): ControllerRevision {
  const { namespace, annotations = {} } = owner.metadata ?? {};
  return {
    metadata: {
      ...(namespace === undefined ? {} : { namespace }),
      name,
      labels: { ...template.metadata?.labels, [hashLabel]: hash },
      annotations: { ...annotations },
      ownerReferences: [controllerReference(owner, ownerType)],
    },
    data: templatePatch(template),
    revision: number,
  };
}

async function createUnlessThere(revision: ControllerRevision, client: Client): Promise<Revision | undefined> {
  try {
    return await client.create(controllerRevisions, revision);
  } catch (thrown) {
    if (thrown instanceof ApiError && thrown.reason === "AlreadyExists") return undefined;
    throw thrown;
  }
}
