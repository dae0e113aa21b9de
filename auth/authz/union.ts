import { type Attributes, type Authorizer, type Decision, noOpinion } from "./authorizer.ts";

/** Asks in turn; the first opinion counts. When nobody has one, the reasons and errors of all are kept. */
export function union(authorizers: readonly Authorizer[]): Authorizer {
  const ask = (attributes: Attributes, from: number, before: Decision): Decision | Promise<Decision> => {
    let said = before;
    for (let index = from; index < authorizers.length; index += 1) {
      const decision = authorizers[index]?.(attributes) ?? noOpinion;
      if (decision instanceof Promise) return decision.then((made) => judged(made, attributes, index, said));
      if (decision.opinion !== "no opinion") return decision;
      said = joined(said, decision);
    }
    return said;
  };
  const judged = (
    made: Decision,
    attributes: Attributes,
    index: number,
    said: Decision,
  ): Decision | Promise<Decision> =>
    made.opinion === "no opinion" ? ask(attributes, index + 1, joined(said, made)) : made;
  return (attributes) => ask(attributes, 0, noOpinion);
}

/** Neither has an opinion. */
function joined(one: Decision, other: Decision): Decision {
  if (one === noOpinion) return other;
  if (other === noOpinion) return one;
  const error = lines(one.error ?? "", other.error ?? "");
  const reason = lines(one.reason, other.reason);
  return { opinion: "no opinion", reason, ...(error === "" ? {} : { error }) };
}

function lines(one: string, other: string): string {
  return one === "" || other === "" ? one + other : `${one}\n${other}`;
}
