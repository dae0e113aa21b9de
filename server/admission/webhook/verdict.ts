import { isObject } from "../../../api/machinery/members.ts";
import type { JsonObject } from "../../../api/machinery/object.ts";
import type { ReviewVersion } from "./review.ts";

/** What a webhook answered. */
export interface Verdict {
  readonly allowed: boolean;
  /** The Status that goes with a denial. */
  readonly result: JsonObject | undefined;
  /** A JSON patch as text; undefined when nothing is to be changed. */
  readonly patch: Buffer | undefined;
  readonly warnings: readonly string[];
  readonly auditAnnotations: Readonly<Record<string, string>>;
}

interface Asked {
  readonly version: ReviewVersion;
  readonly uid: string;
  readonly mutating: boolean;
}

/** An answer that does not fit its question; the text is upstream's. */
export class InvalidAnswer extends Error {
  override readonly name = "InvalidAnswer";
}

/** https://kubernetes.io/docs/reference/access-authn-authz/extensible-admission-controllers/#response */
export function verdictOf(answer: JsonObject, asked: Asked): Verdict {
  const { response } = answer;
  if (!isObject(response)) throw new InvalidAnswer("webhook response was absent");
  if (asked.version === "v1") requireEcho(answer, response, asked);
  const { status, warnings, auditAnnotations } = response;
  return {
    allowed: response["allowed"] === true,
    result: isObject(status) ? status : undefined,
    patch: patchOf(response, asked),
    warnings: Array.isArray(warnings) ? warnings.filter((text) => typeof text === "string") : [],
    auditAnnotations: texts(auditAnnotations),
  };
}

function requireEcho(answer: JsonObject, response: JsonObject, { uid }: Asked): void {
  const echoed = typeof response["uid"] === "string" ? response["uid"] : "";
  if (echoed !== uid)
    throw new InvalidAnswer(`expected response.uid=${JSON.stringify(uid)}, got ${JSON.stringify(echoed)}`);
  const wanted = "admission.k8s.io/v1, Kind=AdmissionReview";
  const kind = typeof answer["kind"] === "string" ? answer["kind"] : "";
  const apiVersion = typeof answer["apiVersion"] === "string" ? answer["apiVersion"] : "";
  const got = `${apiVersion}, Kind=${kind}`;
  if (got !== wanted) throw new InvalidAnswer(`expected webhook response of ${wanted}, got ${got}`);
}

/** v1 is strict about patches, v1beta1 takes whatever is there for a JSON patch. */
function patchOf({ patch, patchType }: JsonObject, { version, mutating }: Asked): Buffer | undefined {
  const text = typeof patch === "string" ? patch : "";
  const isTyped = patchType !== undefined && patchType !== null;
  if (version === "v1" && mutating) {
    if (text !== "" && !isTyped) throw new InvalidAnswer("webhook returned response.patch but not response.patchType");
    if (text === "" && isTyped) throw new InvalidAnswer("webhook returned response.patchType but not response.patch");
    if (patchType === "") throw new InvalidAnswer('webhook returned invalid response.patchType of ""');
    if (isTyped && patchType !== "JSONPatch")
      throw new InvalidAnswer(`unsupported patch type ${JSON.stringify(patchType)}`);
  }
  if (version === "v1" && !mutating) {
    if (text !== "") throw new InvalidAnswer("validating webhook may not return response.patch");
    if (isTyped) throw new InvalidAnswer("validating webhook may not return response.patchType");
  }
  return text === "" || !mutating ? undefined : Buffer.from(text, "base64");
}

function texts(value: unknown): Readonly<Record<string, string>> {
  if (!isObject(value)) return {};
  return Object.fromEntries(
    Object.entries(value).filter((entry): entry is [string, string] => typeof entry[1] === "string"),
  );
}
