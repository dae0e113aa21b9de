import type { FieldError } from "../../../api/machinery/field-error.ts";
import type { DeepReadonly, Json, KubeObject } from "../../../api/machinery/object.ts";
import type { MergeType } from "../../../api/schema/merge-type.ts";
import type { ServedVersion } from "../../../api/resource.ts";
import type { Conversion } from "../../encoding/conversion.ts";
import { apiVersionOf, type Kind, type KindVersion, type VersionCodec } from "../../encoding/kind.ts";
import { rowOf, servedVersion } from "./custom-row.ts";
import { storageVersionOf, type DefinitionSummary, type VersionSummary } from "./definition-summary.ts";

export interface CustomKindParts {
  /** Compiles the schema of a version. Called when its objects are first touched, and once. */
  readonly compile: (summary: DefinitionSummary, version: VersionSummary) => VersionCodec;
  readonly conversionOf: (summary: DefinitionSummary) => Conversion;
}

/** What a definition comes to: a kind for each served version, and how the server itself sees the objects. */
export interface CustomKind {
  readonly served: readonly Kind[];
  readonly stored: Kind;
}

/** `previous`: made of the same spec; what it has compiled is taken over. */
export function createCustomKind(
  summary: DefinitionSummary,
  parts: CustomKindParts,
  options: { readonly isTerminating: boolean; readonly previous?: CustomKind | undefined },
): CustomKind | undefined {
  const storage = storageVersionOf(summary);
  if (storage === undefined) return undefined;
  const { group } = summary.spec;
  const versions = options.previous?.stored.versions ?? versionsOf(summary, parts);
  const conversion = options.previous?.stored.conversion ?? parts.conversionOf(summary);
  const hub = versions.get(apiVersionOf(group, storage.name));
  if (hub === undefined) return undefined;
  const kindOf = (version: VersionSummary): Kind => {
    const served = versions.get(apiVersionOf(group, version.name))?.served ?? servedVersion(summary, version);
    return { row: rowOf(summary, version, served, options.isTerminating), hub, versions, blank: {}, conversion };
  };
  return { served: summary.spec.versions.filter(({ served }) => served).map(kindOf), stored: kindOf(storage) };
}

/** All of them: objects may be stored in versions that are served no more. */
function versionsOf(summary: DefinitionSummary, parts: CustomKindParts): ReadonlyMap<string, KindVersion> {
  return new Map(
    summary.spec.versions.map((version) => {
      const served = servedVersion(summary, version);
      return [
        apiVersionOf(summary.spec.group, version.name),
        new LazyVersion(served, () => parts.compile(summary, version)),
      ];
    }),
  );
}

/** A version whose schema is compiled when it is first needed. */
class LazyVersion implements KindVersion {
  readonly served: ServedVersion;
  readonly apiVersion: string;
  /** Custom resources have no strategic merge. */
  readonly type: undefined;
  #compile: (() => VersionCodec) | undefined;
  #compiled: VersionCodec | undefined;

  constructor(served: ServedVersion, compile: () => VersionCodec) {
    this.served = served;
    this.apiVersion = apiVersionOf(served.group, served.version);
    this.#compile = compile;
  }

  get merge(): MergeType {
    return this.#codec().merge;
  }

  conform(value: Json): { object: KubeObject; unknown: readonly string[] } {
    return this.#codec().conform(value);
  }

  default(object: KubeObject): void {
    this.#codec().default(object);
  }

  validate(object: DeepReadonly<KubeObject>): readonly FieldError[] {
    return this.#codec().validate(object);
  }

  validateUpdate(object: DeepReadonly<KubeObject>, old: DeepReadonly<KubeObject>): readonly FieldError[] {
    const codec = this.#codec();
    return codec.validateUpdate?.(object, old) ?? codec.validate(object);
  }

  #codec(): VersionCodec {
    if (this.#compiled === undefined && this.#compile !== undefined) {
      this.#compiled = this.#compile();
      this.#compile = undefined;
    }
    if (this.#compiled === undefined) throw new Error(`${this.apiVersion} has no schema`);
    return this.#compiled;
  }
}
