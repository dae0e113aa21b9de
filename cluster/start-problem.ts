import { PkiError } from "../certs/pki-error.ts";
import { StoreCorruptError, StoreFormatError, StoreLockedError, StoreOpenError } from "../storage/open-errors.ts";
import { OptionError } from "./option-error.ts";

/** Why a cluster did not start, where its user can put it right. */
export interface StartProblem {
  readonly what: "store-locked" | "port-in-use" | "other";
  /** One line that says what to do. */
  readonly message: string;
}

/** Undefined for what is our own fault. */
export function startProblem(thrown: unknown): StartProblem | undefined {
  if (!(thrown instanceof Error)) return undefined;
  const { message } = thrown;
  if (thrown instanceof StoreLockedError) return { what: "store-locked", message };
  const known = [StoreCorruptError, StoreFormatError, StoreOpenError, PkiError, OptionError];
  if (known.some((type) => thrown instanceof type)) return { what: "other", message };
  // The listener says in its message what to do, and keeps the system's error as the cause.
  const { cause } = thrown;
  if (!(cause instanceof Error && "syscall" in cause && cause.syscall === "listen")) {
    return cause instanceof Error && "syscall" in cause && cause.syscall === "getaddrinfo"
      ? { what: "other", message }
      : undefined;
  }
  return { what: "code" in cause && cause.code === "EADDRINUSE" ? "port-in-use" : "other", message };
}
