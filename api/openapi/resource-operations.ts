import type { ResourceRow, ResourceVerb, ServedVersion, Subresource } from "../resource.ts";
import type { ApiOperation, ApiParameter, ApiResult, ApiTexts, GroupVersionKind, HttpMethod } from "./document.ts";
import type { MediaTypes } from "./media-types.ts";
import { capital, identifierOf, tagOf, withArticle } from "./names.ts";
import { type Action, pathParameter, queryParameters } from "./parameters.ts";

const meta = "io.k8s.apimachinery.pkg.apis.meta.v1";
const deleteOptions = `${meta}.DeleteOptions`;

export interface OperationContext {
  readonly texts: ApiTexts;
  readonly mediaTypes: MediaTypes;
  /** The definition of a kind, for subresources whose kind is not their parent's. */
  definitionOf(kind: GroupVersionKind): string | undefined;
}

/** What an operation reads or writes: the resource itself, or the kind of a subresource. */
export interface Target {
  readonly kind: GroupVersionKind;
  readonly definition: string;
}

/** A collection: of a namespace (or the cluster), or of all namespaces. */
export type Reach = "own" | "all";

interface OperationParts {
  readonly action: Action;
  readonly method: HttpMethod;
  /** Parts of the operation's id before and after the group-version. */
  readonly verb: string;
  readonly rest: string;
  readonly description: string;
  readonly kind: GroupVersionKind;
  readonly parameters: readonly ApiParameter[];
  readonly query?: readonly ApiParameter[];
  readonly body?: string;
  readonly results: readonly ApiResult[];
  readonly consumes?: readonly string[];
  readonly produces?: readonly string[];
}

/** The operations of a resource in one of its versions. A subresource's have its name behind the resource's in their ids. */
export class ResourceOperations {
  readonly self: Target;
  readonly #row: ResourceRow;
  readonly #served: ServedVersion;
  readonly #context: OperationContext;
  readonly #inCollection: readonly ApiParameter[];
  /** `NamespacedPod`, `Node`. */
  readonly #noun: string;

  constructor(row: ResourceRow, served: ServedVersion, context: OperationContext) {
    const namespaced = row.scope === "Namespaced";
    this.#row = row;
    this.#served = served;
    this.#context = context;
    this.self = {
      kind: { group: served.group, version: served.version, kind: row.kind },
      definition: served.definition,
    };
    this.#inCollection = namespaced
      ? [pathParameter("namespace", "object name and auth scope, such as for teams and projects")]
      : [];
    this.#noun = `${namespaced ? "Namespaced" : ""}${row.kind}`;
  }

  can(verb: ResourceVerb): boolean {
    return this.#row.verbs.includes(verb);
  }

  list(reach: Reach): ApiOperation {
    return this.#operation({
      ...this.#collection("list", reach, ""),
      description: `${this.can("watch") ? "list or watch" : "list"} objects of kind ${this.#row.kind}`,
      results: [{ code: 200, of: `${this.#served.definition}List` }],
    });
  }

  watchList(reach: Reach): ApiOperation {
    return this.#operation({
      ...this.#collection("watchlist", reach, "List"),
      description: `watch individual changes to a list of ${this.#row.kind}. deprecated: use the 'watch' parameter with a list operation instead.`,
      results: [{ code: 200, of: `${meta}.WatchEvent` }],
    });
  }

  watch(): ApiOperation {
    return this.#operation({
      ...this.#collection("watch", "own", ""),
      parameters: this.#item(this.self),
      description: `watch changes to an object of kind ${this.#row.kind}. deprecated: use the 'watch' parameter with a list operation instead, filtered to a single item with the 'fieldSelector' parameter.`,
      results: [{ code: 200, of: `${meta}.WatchEvent` }],
    });
  }

  create(): ApiOperation {
    return this.#post(`create ${withArticle(this.#row.kind)}`, this.#inCollection, this.#noun, this.self);
  }

  deleteCollection(): ApiOperation {
    return this.#operation({
      action: "deletecollection",
      method: "delete",
      verb: "delete",
      rest: `Collection${this.#noun}`,
      description: `delete collection of ${this.#row.kind}`,
      kind: this.self.kind,
      parameters: this.#inCollection,
      body: deleteOptions,
      results: [{ code: 200, of: `${meta}.Status` }],
    });
  }

  delete(): ApiOperation {
    const of = this.#row.returnsDeleted === true ? this.#served.definition : `${meta}.Status`;
    return this.#operation({
      action: "delete",
      method: "delete",
      verb: "delete",
      rest: this.#noun,
      description: `delete ${withArticle(this.#row.kind)}`,
      kind: this.self.kind,
      parameters: this.#item(this.self),
      body: deleteOptions,
      results: answers(of, 200, 202),
    });
  }

  read(target: Target, subresource = ""): ApiOperation {
    return this.#operation({
      action: "get",
      method: "get",
      verb: "read",
      ...this.#ofItem(target, subresource, "read"),
      results: answers(target.definition, 200),
    });
  }

  replace(target: Target, subresource = ""): ApiOperation {
    return this.#operation({
      action: "put",
      method: "put",
      verb: "replace",
      ...this.#ofItem(target, subresource, "replace"),
      body: target.definition,
      results: answers(target.definition, 200, 201),
    });
  }

  patch(target: Target, subresource = ""): ApiOperation {
    return this.#operation({
      action: "patch",
      method: "patch",
      verb: "patch",
      ...this.#ofItem(target, subresource, "partially update"),
      body: `${meta}.Patch`,
      results: answers(target.definition, 200, 201),
      consumes: this.#context.mediaTypes.patches,
    });
  }

  createSubresource(target: Target, subresource: string): ApiOperation {
    const description = `create ${subresource} of ${withArticle(this.#row.kind)}`;
    return this.#post(description, this.#item(target), `${this.#noun}${capital(subresource)}`, target);
  }

  /** A log is text, whatever its kind says in discovery. */
  log(): ApiOperation {
    const parts = this.#ofItem(this.self, "log", "read");
    return this.#operation({
      action: "get",
      method: "get",
      verb: "read",
      ...parts,
      parameters: [...parts.parameters, ...(this.#context.texts.options.PodLogOptions ?? [])],
      results: answers("string", 200),
      produces: ["text/plain", ...this.#context.mediaTypes.produces],
    });
  }

  connect(method: HttpMethod, { name, group, version, kind }: Subresource, withPath: boolean): ApiOperation {
    const connected = { kind: { group, version, kind }, definition: "" };
    return this.#operation({
      action: "connect",
      method,
      verb: "connect",
      rest: `${capital(method)}${this.#noun}${capital(name)}${withPath ? "WithPath" : ""}`,
      description: `connect ${method.toUpperCase()} requests to ${name} of ${this.#row.kind}`,
      kind: connected.kind,
      parameters: [...this.#item(connected), ...(withPath ? [pathParameter("path", "path to the resource")] : [])],
      query: this.#context.texts.options[kind] ?? [],
      results: answers("string", 200),
      consumes: ["*/*"],
      produces: ["*/*"],
    });
  }

  target({ group, version, kind }: Subresource): Target {
    // A row names its hub version; served elsewhere, its own kind is that version's.
    if (kind === this.#row.kind) return this.self;
    const definition = this.#context.definitionOf({ group, version, kind });
    if (definition === undefined) throw new Error(`no definition of ${group}/${version} ${kind}`);
    return { kind: { group, version, kind }, definition };
  }

  #collection(
    action: "list" | "watchlist" | "watch",
    reach: Reach,
    list: string,
  ): Omit<OperationParts, "description" | "results"> {
    const { produces, streams } = this.#context.mediaTypes;
    return {
      action,
      method: "get",
      verb: action === "list" ? "list" : "watch",
      rest: reach === "own" ? `${this.#noun}${list}` : `${this.#row.kind}${list}ForAllNamespaces`,
      kind: this.self.kind,
      parameters: reach === "own" ? this.#inCollection : [],
      produces: [...produces, ...streams],
    };
  }

  #ofItem(
    target: Target,
    subresource: string,
    doing: string,
  ): Pick<OperationParts, "rest" | "description" | "kind" | "parameters"> {
    return {
      rest: `${this.#noun}${capital(subresource)}`,
      description: `${doing} ${subresource === "" ? "" : `${subresource} of `}the specified ${this.#row.kind}`,
      kind: target.kind,
      parameters: this.#item(target),
    };
  }

  /** Subresources ask for the name of their own kind, as upstream has it. */
  #item(target: Target): readonly ApiParameter[] {
    return [...this.#inCollection, pathParameter("name", `name of the ${target.kind.kind}`)];
  }

  #post(
    description: string,
    parameters: readonly ApiParameter[],
    rest: string,
    { kind, definition }: Target,
  ): ApiOperation {
    const results = answers(definition, 200, 201, 202);
    return this.#operation({
      action: "post",
      method: "post",
      verb: "create",
      rest,
      description,
      kind,
      parameters,
      body: definition,
      results,
    });
  }

  #operation(parts: OperationParts): ApiOperation {
    const { group, version } = this.#served;
    const { mediaTypes, texts } = this.#context;
    return {
      method: parts.method,
      id: `${parts.verb}${identifierOf(group, version)}${parts.rest}`,
      description: parts.description,
      tag: tagOf(group, version),
      action: parts.action,
      kind: parts.kind,
      parameters: [...parts.parameters, ...(parts.query ?? queryParameters(parts.action, texts))],
      ...(parts.body !== undefined && { body: { of: parts.body, required: parts.body !== deleteOptions } }),
      consumes: parts.consumes ?? mediaTypes.consumes,
      produces: parts.produces ?? mediaTypes.produces,
      responses: [...parts.results, { code: 401 }],
    };
  }
}

function answers(of: string, ...codes: readonly number[]): readonly ApiResult[] {
  return codes.map((code) => ({ code, of }));
}
