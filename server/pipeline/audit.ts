import { ApiError } from "../../api/machinery/status.ts";
import type { ApiResponse } from "../../api/wire.ts";
import { answeredWith, panicked, refusedWith, type Answered } from "../audit/answered.ts";
import type { Auditor } from "../audit/auditor.ts";
import { followed, overheard } from "../audit/followed.ts";
import { notStored, type Trail } from "../audit/trail.ts";
import { isLongRunning } from "./request-kind.ts";
import type { Described, Identified } from "./stages.ts";

/** Of longer lists only that they were answered is noted. */
const mostAnsweredBytes = 16 * 1024 * 1024;

/** How a request ended: with the answer, and with what was thrown, if anything was. */
export interface Outcome {
  readonly response: ApiResponse;
  readonly thrown: unknown;
}

/**
 * One request in the audit log: from when it is known who asks to the end of its answer.
 * https://kubernetes.io/docs/tasks/debug/debug-cluster/audit/
 */
export class RequestAudit {
  readonly #auditor: Auditor;
  readonly #received: number;
  #trail: Trail | undefined;
  #isRejected = false;

  constructor(auditor: Auditor) {
    this.#auditor = auditor;
    this.#received = auditor.now();
  }

  /** After `authenticate`. Throws 500 where the log has to be told and cannot be. */
  async begin(identified: Identified): Promise<Identified> {
    const trail = this.#auditor.trail(identified, identified.user, this.#received);
    this.#trail = trail;
    if (!trail.isNoted) return identified;
    const told = trail.received();
    if (told instanceof Promise ? await told : told) return { ...identified, trail };
    this.#isRejected = true;
    this.#auditor.rejected();
    throw notStored(identified.request.url);
  }

  /** The answer, which is followed to its end where it lasts. */
  async end(described: Described, { response, thrown }: Outcome): Promise<ApiResponse> {
    if (this.#isRejected) return response;
    const trail = this.#trail ?? this.#auditor.trail(described, undefined, this.#received);
    if (!trail.isNoted) return response;
    if (this.#trail === undefined) {
      // It is not known who asks: this is all that is told of it.
      await trail.note("ResponseStarted", await answerOf(response, thrown, trail));
      return response;
    }
    if (isFault(thrown, described)) {
      await trail.note("Panic", panicked(thrown));
      return response;
    }
    if (isLongRunning(described.target)) return this.#last(response, thrown, trail);
    // Of an answer to HEAD nothing is read.
    if (response.body.type === "chunks" && trail.wantsAnswers && described.request.method !== "HEAD")
      return listened(response, trail);
    await trail.note("ResponseComplete", await answerOf(response, thrown, trail));
    return response;
  }

  async #last(response: ApiResponse, thrown: unknown, trail: Trail): Promise<ApiResponse> {
    // What is streamed, or comes from a node or a pod, is no object of ours.
    const answered =
      thrown instanceof ApiError ? refusedWith(thrown, trail) : await answeredWith(response, undefined, trail);
    await trail.note("ResponseStarted", answered);
    // Nobody waits for it; the backend tells of its failures itself.
    const ended = (): void => void trail.note("ResponseComplete", answered);
    return followed(response, trail.described.request.signal, ended);
  }
}

async function answerOf(response: ApiResponse, thrown: unknown, trail: Trail): Promise<Answered> {
  if (thrown instanceof ApiError) return refusedWith(thrown, trail);
  const { body } = response;
  return answeredWith(response, body.type === "bytes" ? body.bytes : undefined, trail);
}

function listened(response: ApiResponse, trail: Trail): ApiResponse {
  const { signal } = trail.described.request;
  return overheard(response, { signal, maxBytes: mostAnsweredBytes }, (bytes) => {
    void answeredWith(response, bytes, trail).then((answered) => trail.note("ResponseComplete", answered));
  });
}

/** Of the server's own, unless the client went. */
function isFault(thrown: unknown, { request }: Described): boolean {
  return thrown !== undefined && !(thrown instanceof ApiError) && !request.signal.aborted;
}
