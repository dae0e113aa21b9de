import { type Attributes, type Authorizer, type Decision, noOpinion } from "./authorizer.ts";

/** Asks in turn; the first opinion counts. When nobody has one, the reasons of all are kept. */
export function union(authorizers: readonly Authorizer[]): Authorizer {
  const ask = (attributes: Attributes, from: number, reasons: readonly string[]): Decision | Promise<Decision> => {
    const said = [...reasons];
    for (let index = from; index < authorizers.length; index += 1) {
      const decision = authorizers[index]?.(attributes) ?? noOpinion;
      if (decision instanceof Promise) return decision.then((made) => judged(made, attributes, index, said));
      if (decision.opinion !== "no opinion") return decision;
      if (decision.reason !== "") said.push(decision.reason);
    }
    return said.length === 0 ? noOpinion : { opinion: "no opinion", reason: said.join("\n") };
  };
  const judged = (
    made: Decision,
    attributes: Attributes,
    index: number,
    said: readonly string[],
  ): Decision | Promise<Decision> =>
    made.opinion === "no opinion"
      ? ask(attributes, index + 1, made.reason === "" ? said : [...said, made.reason])
      : made;
  return (attributes) => ask(attributes, 0, []);
}
