import type { Attributes } from "../authorizer.ts";

/** What is asked of rules: whether they allow a request, or hold all that another rule grants. */
export type Question = ResourceQuestion | PathQuestion;

export interface ResourceQuestion {
  readonly type: "resource";
  readonly verb: string;
  readonly group: string;
  /** `pods`, `pods/log` */
  readonly resource: string;
  /** As rules name it for any parent: a star in its parent's place. Undefined for what is no subresource. */
  readonly ofAnyParent: string | undefined;
  /** Undefined: about objects of any name. */
  readonly name: string | undefined;
}

export interface PathQuestion {
  readonly type: "path";
  readonly verb: string;
  readonly path: string;
}

export function questionOf({ verb, resource: asked, path }: Attributes): Question {
  if (asked === undefined) return { type: "path", verb, path };
  const { group, resource, subresource, name } = asked;
  if (subresource === "") return { type: "resource", verb, group, resource, ofAnyParent: undefined, name };
  return {
    type: "resource",
    verb,
    group,
    resource: `${resource}/${subresource}`,
    ofAnyParent: `*/${subresource}`,
    name,
  };
}
