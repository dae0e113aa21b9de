import { isObject } from "../../api/machinery/members.ts";
import type { JsonObject } from "../../api/machinery/object.ts";
import { encodeDocument } from "../../api/openapi/protobuf.ts";
import type { OpenApiV2 } from "../../api/openapi/v2.ts";
import type { V2Part } from "./custom-documents.ts";
import type { RemoteOpenApiV2 } from "./registered.ts";

/** Of JSON, of all remote servers together; what is beyond is left out. */
const mostBytes = 16 * 1024 * 1024;

/** What remote servers add to the v2 document. Of several with the same name, ours comes before theirs, and the first of theirs. */
export function* remoteParts(documents: readonly RemoteOpenApiV2[], builtin: Uint8Array): Generator<V2Part> {
  const taken = namesOf(builtin);
  let bytes = 0;
  for (const document of documents) {
    bytes += document.bytes;
    if (bytes > mostBytes) return;
    const paths = taken.take("paths", document.paths);
    const definitions = taken.take("definitions", document.definitions);
    const parameters = taken.take("parameters", document.parameters);
    yield {
      paths: membersOf(paths),
      definitions: membersOf(definitions),
      parameters: new Map(Object.entries(parameters).map(([name, value]) => [name, membersOf({ [name]: value })])),
      protobuf: encodeRemote({ paths, definitions, parameters }),
    };
  }
}

/** Throws for what is no such document. */
export function encodeRemote(document: Pick<RemoteOpenApiV2, "paths" | "definitions" | "parameters">): Uint8Array {
  // What has another shape shows when it is encoded.
  return encodeDocument(document as unknown as Partial<OpenApiV2>);
}

interface TakenNames {
  /** The members whose names are free; from then on they are not. */
  take(section: "paths" | "definitions" | "parameters", members: JsonObject): JsonObject;
}

function namesOf(builtin: Uint8Array): TakenNames {
  // Written by our own build.
  const document = JSON.parse(Buffer.from(builtin).toString()) as JsonObject;
  const taken = new Map<string, Set<string>>();
  return {
    take(section, members) {
      const own = document[section];
      const names = taken.get(section) ?? new Set(isObject(own) ? Object.keys(own) : []);
      taken.set(section, names);
      const free = Object.entries(members).filter(([name]) => !names.has(name));
      for (const [name] of free) names.add(name);
      return Object.fromEntries(free);
    },
  };
}

function membersOf(object: object): string {
  return JSON.stringify(object).slice(1, -1);
}
