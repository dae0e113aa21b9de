/** What custom resources add to OpenAPI. */
export interface CustomDocuments {
  /** Group-versions (`example.com/v1`) with a hash that changes when their documents do. */
  groupVersions(): ReadonlyMap<string, string>;
  /** The v3 document of a group-version as JSON; undefined when there is none. */
  v3(groupVersion: string): Promise<Uint8Array | undefined>;
  /** Parts of the v2 document, one after the other: there can be many, and each can be long. */
  v2(): AsyncIterable<V2Part>;
}

/** JSON text of the members of an object, without its braces. */
type Members = string;

export interface V2Part {
  readonly paths: Members;
  readonly definitions: Members;
  /** By name: most of them stand in the document already. */
  readonly parameters: ReadonlyMap<string, Members>;
  /** The same, as protobuf: bytes that may follow those of another document. */
  readonly protobuf: Uint8Array;
}

export const noCustomDocuments: CustomDocuments = {
  groupVersions: () => new Map(),
  v3: () => Promise.resolve(undefined),
  async *v2() {},
};
