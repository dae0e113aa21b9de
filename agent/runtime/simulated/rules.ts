import type { Container, Pod } from "../../../api/generated/types/core-v1.ts";
import type { DeepReadonly } from "../../../api/machinery/object.ts";
import { getOwn } from "../../../api/machinery/members.ts";
import { annotated } from "./annotations.ts";
import { type Behaviour, type Change, none, plain, plainInit, plainJob } from "./behaviour.ts";
import { imageName } from "./image-name.ts";

/** Which containers a rule is about; all that is given must hold. Texts may have `*` for any characters. */
export interface Match {
  readonly node?: string;
  readonly namespace?: string;
  readonly pod?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly container?: string;
  /** As written in the pod, or in full: `docker.io/library/nginx:1.27`. */
  readonly image?: string;
}

export interface Rule {
  readonly match: Match;
  readonly change: Change;
}

const unresolved = 'failed to pull and unpack image "${image}": failed to resolve reference "${image}"';
const unknownHost = `${unresolved}: failed to do request: dial tcp: no such host`;
const notFound = `${unresolved}: \${image}: not found`;

/** Images that no registry has: to see what a broken rollout looks like. https://www.rfc-editor.org/rfc/rfc6761#section-6.4 */
export const defaultRules: readonly Rule[] = [
  { match: { image: "*.invalid/*" }, change: { pull: { delay: none, error: unknownHost } } },
  { match: { image: "*:does-not-exist" }, change: { pull: { delay: none, error: notFound } } },
  { match: { image: "*:broken" }, change: { pull: { delay: none, error: notFound } } },
];

export interface Subject {
  readonly nodeName: string;
  readonly pod: DeepReadonly<Pod>;
  readonly container: DeepReadonly<Container>;
}

/**
 * How a container behaves: of the rules that match, the first that says something about a part decides it; annotations
 * of the pod go before all. Throws a RuntimeError for an annotation that cannot be read.
 */
export function behaviourOf(subject: Subject, rules: readonly CompiledRule[]): Behaviour {
  let behaviour = baseOf(subject);
  for (const { matches, change } of rules) if (matches(subject)) behaviour = { ...behaviour, ...change };
  return annotated(behaviour, subject);
}

function baseOf({ pod, container }: Subject): Behaviour {
  const { spec } = pod;
  if (container.restartPolicy === "Always") return plain;
  if (spec?.initContainers?.some(({ name }) => name === container.name) === true) return plainInit;
  if (spec?.ephemeralContainers?.some(({ name }) => name === container.name) === true) return plain;
  return spec?.restartPolicy === "Always" || spec?.restartPolicy === undefined ? plain : plainJob;
}

export interface CompiledRule {
  readonly matches: (subject: Subject) => boolean;
  readonly change: Change;
}

/** Ready to be applied one after the other: the first rule last, so that it wins. */
export function compileRules(rules: readonly Rule[]): readonly CompiledRule[] {
  return [...rules, ...defaultRules].map(({ match, change }) => ({ matches: matcherOf(match), change })).toReversed();
}

function matcherOf(match: Match): (subject: Subject) => boolean {
  const node = globOf(match.node);
  const namespace = globOf(match.namespace);
  const podName = globOf(match.pod);
  const containerName = globOf(match.container);
  const image = globOf(match.image);
  const labels = Object.entries(match.labels ?? {});
  return ({ nodeName, pod, container }) =>
    node(nodeName) &&
    namespace(pod.metadata?.namespace ?? "") &&
    podName(pod.metadata?.name ?? "") &&
    containerName(container.name) &&
    labels.every(([key, value]) => getOwn(pod.metadata?.labels ?? {}, key) === value) &&
    (match.image === undefined || image(container.image ?? "") || image(imageName(container.image ?? "")));
}

/** No pattern is longer than a name of an image, so that this stays quick. */
function globOf(pattern: string | undefined): (text: string) => boolean {
  if (pattern === undefined || pattern === "*") return () => true;
  const parts = pattern.split("*");
  const [head = ""] = parts;
  if (parts.length === 1) return (text) => text === pattern;
  const tail = parts.at(-1) ?? "";
  const inner = parts.slice(1, -1);
  return (text) => {
    if (!text.startsWith(head) || !text.endsWith(tail) || text.length < head.length + tail.length) return false;
    const end = text.length - tail.length;
    let at = head.length;
    for (const part of inner) {
      const found = text.indexOf(part, at);
      if (found < 0 || found + part.length > end) return false;
      at = found + part.length;
    }
    return true;
  };
}
