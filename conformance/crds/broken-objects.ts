/** Objects that break one rule each, and what the server says of them. */
export interface BrokenObject {
  readonly name: string;
  readonly kind: "Seal" | "Lookout" | "Voyage" | "Recipe";
  readonly spec: object | null;
  /** Of `fields: message`, in any order. */
  readonly says: readonly string[];
}

const seal = (spec: object, ...says: readonly string[]): Omit<BrokenObject, "name"> => ({
  kind: "Seal",
  spec: { secretName: "s", commonName: "c", issuer: { name: "i" }, ...spec },
  says,
});
const lookout = (spec: object, ...says: readonly string[]): Omit<BrokenObject, "name"> => ({
  kind: "Lookout",
  spec,
  says,
});
const recipe = (spec: object, ...says: readonly string[]): Omit<BrokenObject, "name"> => ({
  kind: "Recipe",
  spec: { makes: { apiVersion: "v1", kind: "Boat" }, pipeline: [{ step: "one" }], ...spec },
  says,
});

const cases: Readonly<Record<string, Omit<BrokenObject, "name">>> = {
  required: { kind: "Seal", spec: {}, says: ["spec.issuer: Required value", "spec.secretName: Required value"] },
  "required-inside": seal({ issuer: {} }, "spec.issuer.name: Required value"),
  type: seal(
    { secretName: 7 },
    'spec.secretName: Invalid value: "integer": spec.secretName in body must be of type string: "integer"',
  ),
  "type-of-list": seal(
    { dnsNames: "one" },
    'spec.dnsNames: Invalid value: "string": spec.dnsNames in body must be of type array: "string"',
  ),
  short: seal(
    { secretName: "" },
    'spec.secretName: Invalid value: "": spec.secretName in body should be at least 1 chars long',
  ),
  long: seal({ secretName: "a".repeat(21) }, "spec.secretName: Too long: may not be more than 20 bytes"),
  pattern: seal(
    { secretName: "A" },
    "spec.secretName: Invalid value: \"A\": spec.secretName in body should match '^[a-z]([-a-z0-9]*[a-z0-9])?$'",
  ),
  minimum: seal(
    { revisionLimit: 0 },
    "spec.revisionLimit: Invalid value: 0: spec.revisionLimit in body should be greater than or equal to 1",
  ),
  maximum: seal(
    { revisionLimit: 105 },
    "spec.revisionLimit: Invalid value: 105: spec.revisionLimit in body should be less than or equal to 100",
  ),
  multiple: seal(
    { revisionLimit: 7 },
    "spec.revisionLimit: Invalid value: 7: spec.revisionLimit in body should be a multiple of 5",
  ),
  "too-many": seal({ dnsNames: ["a", "b", "c", "d", "e"] }, "spec.dnsNames: Too many: 5: must have at most 4 items"),
  "too-few": seal(
    { contacts: [] },
    "spec.contacts: Invalid value: 0: spec.contacts in body should have at least 1 items",
  ),
  "too-many-members": seal(
    { secretTemplate: { labels: { a: "", b: "", c: "" } } },
    "spec.secretTemplate.labels: Too many: 3: must have at most 2 items",
  ),
  enum: seal(
    { issuer: { name: "i", kind: "Other" } },
    'spec.issuer.kind: Unsupported value: "Other": supported values: "Issuer", "ClusterIssuer"',
  ),
  "enum-in-list": seal(
    { usages: ["signing", "paying"] },
    'spec.usages[1]: Unsupported value: "paying": supported values: "signing", "key encipherment", "server auth", "client auth"',
  ),
  date: seal(
    { notBefore: "tomorrow" },
    'spec.notBefore: Invalid value: "tomorrow": spec.notBefore in body must be of type date-time: "tomorrow"',
  ),
  duration: seal(
    { lifetime: "long" },
    'spec.lifetime: Invalid value: "long": spec.lifetime in body must be of type duration: "long"',
  ),
  address: seal(
    { addresses: ["1.2.3"] },
    'spec.addresses[0]: Invalid value: "1.2.3": spec.addresses[0] in body must be of type ipv4: "1.2.3"',
  ),
  email: seal(
    { contacts: ["nobody"] },
    'spec.contacts[0]: Invalid value: "nobody": spec.contacts[0] in body must be of type email: "nobody"',
  ),
  set: seal({ dnsNames: ["a", "b", "a"] }, 'spec.dnsNames[2]: Duplicate value: "a"'),
  "one-of": seal(
    { keystore: { jks: {}, pkcs12: {} } },
    '<nil>: Invalid value: "": "spec.keystore" must validate one and only one schema (oneOf). Found 2 valid alternatives',
  ),
  null: seal({ contacts: null }),
  "rule-expression": seal(
    { lifetime: "1h", renewBefore: "2h" },
    "spec.renewBefore: Forbidden: s would be renewed before it begins",
  ),
  "rule-reason": {
    ...seal({}, "spec: Required value: a name is needed"),
    spec: { secretName: "s", issuer: { name: "i" } },
  },
  "rule-field": seal({ privateKey: { size: 1000 } }, "spec.privateKey.size: Invalid value: no RSA key has this size"),
  "list-keys": lookout(
    { ports: [{ port: 80 }, { port: 80, protocol: "UDP" }, { port: 80, name: "again" }] },
    'spec.ports[2]: Duplicate value: {"port":80,"protocol":"TCP"}',
  ),
  "int-or-string": lookout(
    { endpoints: [{ port: true }] },
    'spec.endpoints[0].port: Invalid value: "boolean": spec.endpoints[0].port in body must be of type integer,string: "boolean"',
  ),
  quantity: lookout(
    { resources: { limits: { cpu: "many" } } },
    "spec.resources.limits.cpu: Invalid value: \"many\": spec.resources.limits.cpu in body should match '^(\\+|-)?(([0-9]+(\\.[0-9]*)?)|(\\.[0-9]+))(([KMGTPE]i)|[numkMGTPE]|([eE](\\+|-)?(([0-9]+(\\.[0-9]*)?)|(\\.[0-9]+))))?$'",
  ),
  exclusive: lookout({ share: 0 }, "spec.share: Invalid value: 0: spec.share in body should be greater than 0"),
  "map-values": lookout(
    { endpoints: [{ params: { q: "one" } }] },
    'spec.endpoints[0].params.q: Invalid value: "string": spec.endpoints[0].params.q in body must be of type array: "string"',
  ),
  embedded: lookout(
    { volumeClaimTemplate: { spec: {} } },
    "spec.volumeClaimTemplate.apiVersion: Required value",
    "spec.volumeClaimTemplate.kind: Required value",
  ),
  "embedded-metadata": lookout(
    { volumeClaimTemplate: { apiVersion: "v1", kind: "PersistentVolumeClaim", metadata: { labels: { a: "b c" } } } },
    "spec.volumeClaimTemplate.metadata.labels: Invalid value: \"b c\": a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')",
  ),
  "rule-in-lists": lookout(
    { endpoints: [{}, { relabel: [{ target: "ok" }, { sourceLabels: ["a"] }] }] },
    "spec.endpoints[1].relabel[1]: Invalid value: replace needs a target",
  ),
  "known-beside-unknown": lookout(
    { extra: { known: { level: "high" }, other: 1 } },
    'spec.extra.known.level: Invalid value: "string": spec.extra.known.level in body must be of type integer: "string"',
  ),
  uri: {
    kind: "Voyage",
    spec: { sources: [{ repo: "no uri" }] },
    says: ['spec.sources[0].repo: Invalid value: "no uri": spec.sources[0].repo in body must be of type uri: "no uri"'],
  },
  options: {
    kind: "Voyage",
    spec: { syncPolicy: { options: ["a", "a"] } },
    says: ['spec.syncPolicy.options[1]: Duplicate value: "a"'],
  },
  first: recipe({ generationHint: 1 }, "spec: Invalid value: a new recipe starts with 0"),
  quantifiers: recipe(
    { pipeline: [{ step: "one", credentials: [{ name: "other" }] }] },
    "spec: Invalid value: each step has one main credential",
  ),
  "no-steps": recipe(
    { pipeline: [] },
    "spec.pipeline: Invalid value: 0: spec.pipeline in body should have at least 1 items",
  ),
  "same-step": recipe(
    { pipeline: [{ step: "one" }, { step: "one" }] },
    'spec.pipeline[1]: Duplicate value: {"step":"one"}',
  ),
};

export const brokenObjects: readonly BrokenObject[] = Object.entries(cases).map(([name, broken]) => ({
  name,
  ...broken,
}));
