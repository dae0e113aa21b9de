/**
 * CustomResourceDefinitions as big operators bring them: many of 30 to 60 KB, a few of over a megabyte. Written by a
 * generator of our own from a fixed seed, so that every run has the same ones.
 */
export interface MadeDefinition {
  readonly group: string;
  readonly plural: string;
  readonly body: Buffer;
}

type Schema = Readonly<Record<string, unknown>>;
type Random = () => number;

const medianBytes = 45_000;
const spread = 0.7;
const mostBytes = 600_000;
const hugeBytes = 1_150_000;

export function makeDefinitions(total: number, huge: number): readonly MadeDefinition[] {
  const random = seeded(36);
  return Array.from({ length: total }, (_, at) => {
    const bytes = at < huge ? hugeBytes : Math.min(mostBytes, medianBytes * Math.exp(spread * normal(random)));
    return definition(at, bytes, random);
  });
}

function definition(at: number, bytes: number, random: Random): MadeDefinition {
  // A dozen kinds to a group.
  const group = `group${Math.floor(at / 12)}.bench.example.com`;
  const plural = `widgets${at}`;
  const schema = objectOf(bytes, 0, random);
  const object = {
    apiVersion: "apiextensions.k8s.io/v1",
    kind: "CustomResourceDefinition",
    metadata: { name: `${plural}.${group}`, annotations: { "controller-gen.kubebuilder.io/version": "v0.19.0" } },
    spec: {
      group,
      scope: "Namespaced",
      names: {
        plural,
        singular: `widget${at}`,
        kind: `Widget${at}`,
        listKind: `Widget${at}List`,
        categories: ["all-widgets"],
      },
      versions: [
        {
          name: "v1",
          served: true,
          storage: true,
          subresources: { status: {} },
          additionalPrinterColumns: [
            { name: "Ready", type: "string", jsonPath: ".status.conditions[?(@.type=='Ready')].status" },
            { name: "Age", type: "date", jsonPath: ".metadata.creationTimestamp" },
          ],
          schema: {
            openAPIV3Schema: {
              type: "object",
              description: `Widget${at} is the Schema for the widgets API.`,
              properties: {
                apiVersion: { type: "string", description: words(40, random) },
                kind: { type: "string", description: words(40, random) },
                metadata: { type: "object" },
                spec: schema,
                status: { type: "object", properties: { conditions: conditions } },
              },
            },
          },
        },
      ],
    },
  };
  return { group, plural, body: Buffer.from(JSON.stringify(object)) };
}

const conditions: Schema = {
  type: "array",
  items: {
    type: "object",
    required: ["status", "type"],
    properties: {
      lastTransitionTime: { type: "string", format: "date-time" },
      message: { type: "string", maxLength: 32_768 },
      reason: { type: "string", maxLength: 1024, pattern: "^[A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?$" },
      status: { type: "string", enum: ["True", "False", "Unknown"] },
      type: { type: "string", maxLength: 316 },
    },
  },
  "x-kubernetes-list-map-keys": ["type"],
  "x-kubernetes-list-type": "map",
};

/** About so many bytes of properties; large ones nest. */
function objectOf(bytes: number, depth: number, random: Random): Schema {
  const properties: Record<string, Schema> = {};
  let left = bytes;
  while (left > 200) {
    const share = depth < 8 && left > 3000 && random() < 0.4 ? left * (0.2 + random() * 0.5) : 0;
    const made = share > 0 ? nested(share, depth, random) : leaf(random);
    properties[`${pick(nouns, random)}${pick(nouns, random)}${Object.keys(properties).length}`] = made.schema;
    left -= made.bytes;
  }
  return { type: "object", description: words(15, random), properties };
}

interface Made {
  readonly schema: Schema;
  readonly bytes: number;
}

function nested(bytes: number, depth: number, random: Random): Made {
  const inner = objectOf(bytes, depth + 1, random);
  const kind = random();
  if (kind < 0.35) return { schema: { type: "array", description: words(12, random), items: inner }, bytes };
  if (kind < 0.45) return { schema: { type: "object", additionalProperties: inner }, bytes };
  return { schema: inner, bytes };
}

const leaves: readonly Schema[] = [
  { type: "string" },
  { type: "string" },
  { type: "string", minLength: 1, maxLength: 253 },
  { type: "boolean" },
  { type: "integer", format: "int32", minimum: 0 },
  { type: "integer", format: "int64" },
  { type: "string", enum: ["Always", "IfNotPresent", "Never"] },
  { type: "array", items: { type: "string" }, "x-kubernetes-list-type": "atomic" },
  { type: "object", additionalProperties: { type: "string" } },
  { type: "object", properties: { name: { type: "string", default: "" } }, "x-kubernetes-map-type": "atomic" },
  {
    anyOf: [{ type: "integer" }, { type: "string" }],
    pattern: "^(\\+|-)?(([0-9]+(\\.[0-9]*)?)|(\\.[0-9]+))$",
    "x-kubernetes-int-or-string": true,
  },
];

function leaf(random: Random): Made {
  const schema = { description: words(8 + Math.floor(random() * 50), random), ...pick(leaves, random) };
  return { schema, bytes: JSON.stringify(schema).length + 25 };
}

const nouns = [
  "name",
  "Image",
  "Policy",
  "Ref",
  "Template",
  "Spec",
  "Target",
  "Volume",
  "Limit",
  "Secret",
  "Key",
] as const;
const texts =
  "the of a is to that this field must be set when optional defaults object reference in namespace name volume container pod which are more info and or specified value not".split(
    " ",
  );

function words(count: number, random: Random): string {
  return `${Array.from({ length: count }, () => pick(texts, random)).join(" ")}.`;
}

function pick<T>(all: readonly [T, ...T[]] | readonly T[], random: Random): T {
  const picked = all[Math.floor(random() * all.length)];
  if (picked === undefined) throw new Error("nothing to pick from");
  return picked;
}

/** Park and Miller's generator. https://doi.org/10.1145/63039.63042 */
function seeded(seed: number): Random {
  let state = seed;
  return () => {
    state = (state * 48_271) % 2_147_483_647;
    return state / 2_147_483_647;
  };
}

/** Box and Muller's method. */
function normal(random: Random): number {
  return Math.sqrt(-2 * Math.log(random())) * Math.cos(2 * Math.PI * random());
}
