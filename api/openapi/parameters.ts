import type { ApiParameter, ApiTexts } from "./document.ts";

export type Action =
  | "list"
  | "watch"
  | "watchlist"
  | "get"
  | "post"
  | "put"
  | "patch"
  | "delete"
  | "deletecollection"
  | "connect";

type Types = Readonly<Record<string, ApiParameter["type"]>>;

const printing: Types = { pretty: "string" };
const selecting: Types = {
  continue: "string",
  fieldSelector: "string",
  labelSelector: "string",
  limit: "integer",
  resourceVersion: "string",
  resourceVersionMatch: "string",
  sendInitialEvents: "boolean",
  timeoutSeconds: "integer",
};
const listing: Types = { ...printing, ...selecting, allowWatchBookmarks: "boolean", watch: "boolean" };
const writing: Types = { ...printing, dryRun: "string", fieldManager: "string", fieldValidation: "string" };
const deleting: Types = {
  ...printing,
  dryRun: "string",
  gracePeriodSeconds: "integer",
  ignoreStoreReadErrorWithClusterBreakingPotential: "boolean",
  orphanDependents: "boolean",
  propagationPolicy: "string",
};

const byAction: Readonly<Record<Action, Types>> = {
  list: listing,
  watch: listing,
  watchlist: listing,
  get: printing,
  post: writing,
  put: writing,
  patch: { ...writing, force: "boolean" },
  delete: deleting,
  deletecollection: { ...deleting, ...selecting },
  connect: {},
};

/** Query parameters of an action (https://kubernetes.io/docs/reference/kubernetes-api/common-parameters/). */
export function queryParameters(action: Action, texts: ApiTexts): readonly ApiParameter[] {
  return Object.entries(byAction[action]).map(([name, type]) => {
    const description = texts.parameters[`${action} ${name}`] ?? texts.parameters[name];
    return { in: "query", name, type, ...(description === undefined ? {} : { description }) };
  });
}

export function pathParameter(name: string, description: string): ApiParameter {
  return { in: "path", name, type: "string", description };
}
