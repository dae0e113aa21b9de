/** What operations accept and answer. */
export interface MediaTypes {
  readonly consumes: readonly string[];
  readonly produces: readonly string[];
  readonly streams: readonly string[];
  readonly patches: readonly string[];
}

export const builtinMediaTypes: MediaTypes = {
  consumes: ["*/*"],
  produces: ["application/json", "application/yaml", "application/vnd.kubernetes.protobuf"],
  streams: ["application/json;stream=watch", "application/vnd.kubernetes.protobuf;stream=watch"],
  patches: [
    "application/json-patch+json",
    "application/merge-patch+json",
    "application/strategic-merge-patch+json",
    "application/apply-patch+yaml",
  ],
};

/** Custom resources have no protobuf form and no strategic merge. */
export const customMediaTypes: MediaTypes = {
  consumes: ["application/json", "application/yaml"],
  produces: ["application/json", "application/yaml"],
  streams: [],
  patches: ["application/json-patch+json", "application/merge-patch+json", "application/apply-patch+yaml"],
};
