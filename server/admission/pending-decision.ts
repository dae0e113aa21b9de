/** Expressions are evaluated at once; some authorizers must be waited for. */
import type { Attributes, Authorizer, Decision } from "../../auth/authz/authorizer.ts";

/** Thrown out of an expression that asks what is not known yet. */
class PendingDecision extends Error {
  override readonly name = "PendingDecision";
  /** Resolves when the same evaluation, made again, comes further. */
  readonly known: Promise<void>;

  constructor(known: Promise<void>) {
    super("a decision of the authorizer has to be waited for");
    this.known = known;
  }
}

/** Answers each question once, or throws for `whenDecided` to wait. */
export function decisionsOf(authorize: Authorizer): (attributes: Attributes) => Decision {
  const decisions = new Map<string, Decision>();
  return (attributes) => {
    const { user, verb, path, resource } = attributes;
    const key = JSON.stringify([user.name, verb, path, resource]);
    const made = decisions.get(key) ?? authorize(attributes);
    if (made instanceof Promise) throw new PendingDecision(made.then((decision) => void decisions.set(key, decision)));
    decisions.set(key, made);
    return made;
  };
}

/** More are no honest policy's. */
const mostWaits = 500;

/** What an evaluation comes to, made again whenever a decision had to be waited for. It must not have effects. */
export function whenDecided<T>(evaluate: () => T): T | Promise<T> {
  try {
    return evaluate();
  } catch (thrown) {
    if (thrown instanceof PendingDecision) return evaluatedAgain(evaluate, thrown);
    throw thrown;
  }
}

async function evaluatedAgain<T>(evaluate: () => T, first: PendingDecision): Promise<T> {
  let pending = first;
  for (let waits = 0; waits < mostWaits; waits += 1) {
    await pending.known;
    try {
      return evaluate();
    } catch (thrown) {
      if (!(thrown instanceof PendingDecision)) throw thrown;
      pending = thrown;
    }
  }
  throw new Error(`one evaluation asked the authorizer more than ${mostWaits} questions`);
}
