import { parseJson } from "../../api/machinery/json.ts";
import { isObject } from "../../api/machinery/members.ts";
import { ApiError } from "../../api/machinery/status.ts";

/** What client-go makes of a status that says nothing itself. */
const sayings: ReadonlyMap<number, string> = new Map([
  [400, "the server rejected our request for an unknown reason"],
  [401, "the server has asked for the client to provide credentials"],
  [404, "the server could not find the requested resource"],
  [405, "the server does not allow this method on the requested resource"],
  [409, "the server reported a conflict"],
  [422, "the server rejected our request due to an error in our request"],
  [429, "the server has received too many requests and has asked us to try again later"],
  [503, "the server is currently unable to handle the request"],
  [504, "the server was unable to return a response in the time allotted, but may still be processing the request"],
]);
const spokenFor = new Set([403, 406, 415]);
const maxQuoted = 2048;

/** Why an answer with this status is none: the Status in its body, else upstream's words for the code. */
export function describeRefusal(status: number, body: Buffer): string {
  const told = statusMessage(body);
  if (told !== undefined) return told;
  const text = body.subarray(0, maxQuoted).toString().trim();
  if (spokenFor.has(status) && text !== "") return text;
  const saying = sayings.get(status);
  if (saying !== undefined) return saying;
  if (status >= 500)
    return `an error on the server (${JSON.stringify(text || "unknown")}) has prevented the request from succeeding`;
  return `the server responded with the status code ${status} but did not return more information`;
}

function statusMessage(body: Buffer): string | undefined {
  try {
    const { value } = parseJson(body, { duplicates: true });
    if (!isObject(value) || value["kind"] !== "Status" || value["status"] === "Success") return undefined;
    return typeof value["message"] === "string" ? value["message"] : undefined;
  } catch (thrown) {
    if (thrown instanceof ApiError) return undefined; // not JSON: it has no Status
    throw thrown;
  }
}
