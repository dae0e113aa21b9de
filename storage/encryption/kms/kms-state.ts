import { createHash, randomBytes } from "node:crypto";
import type { Clock } from "../../../base/clock.ts";
import { messageOf } from "../message-of.ts";
import type { Transformer } from "../transformer.ts";
import { keyIdProblem, requireKeySource, sourceTypes, type KeySource } from "./encrypted-object.ts";
import { extendedNonce, seedLength } from "./extended-nonce.ts";
import type { KmsService, KmsStatus } from "./service.ts";

/** What values are encrypted with now. */
export interface WritingKey extends KeySource {
  readonly transformer: Transformer;
  /** Throws when the service has not been well for too long: its key may have been changed since. */
  requireFresh(): void;
}

/** How long values are written under a key that the service has not confirmed since. */
const freshMs = 3 * 60_000;
const versions: readonly string[] = ["v2", "v2beta1"];
/** What is answered to those who ask how it is, without asking it again. */
const checkMs = { well: 20_000, unwell: 3000 } as const;

interface Made extends KeySource {
  readonly transformer: Transformer;
}

interface Checked {
  readonly at: number;
  readonly failure: Error | undefined;
}

/** Follows a service: its health, and the key that it encrypts with. */
export class KmsState {
  readonly #name: string;
  readonly #service: KmsService;
  readonly #timers: Clock;
  #made: Made | undefined;
  #freshUntil = 0;
  #version: string | undefined;
  #checked: Checked | undefined;
  #probing: Promise<void> | undefined;

  constructor({
    name,
    service,
    timers,
  }: {
    readonly name: string;
    readonly service: KmsService;
    readonly timers: Clock;
  }) {
    this.#name = name;
    this.#service = service;
    this.#timers = timers;
  }

  /** Throws while the service has never been well. */
  current(): WritingKey {
    if (this.#made === undefined) throw new Error("got unexpected nil transformer");
    const { keyId } = this.#made;
    const until = this.#freshUntil;
    const now = this.#timers.now();
    return {
      ...this.#made,
      requireFresh() {
        if (now <= until) return;
        const times = `expired at ${timeOf(until)} (current time is ${timeOf(now)})`;
        throw new Error(`encryptedDEKSource with keyID hash ${JSON.stringify(hashOf(keyId))} ${times}`);
      },
    };
  }

  /** Asks the service how it is, and for a new key where it has changed its own. Throws where it is not well. */
  probe(): Promise<void> {
    this.#probing ??= this.#probe().finally(() => {
      this.#probing = undefined;
    });
    return this.#probing;
  }

  /** The same, but for what was answered a moment ago. */
  async checked(): Promise<void> {
    const last = this.#checked;
    const wait = last?.failure === undefined ? checkMs.well : checkMs.unwell;
    if (last === undefined || this.#timers.now() - last.at >= wait) return this.probe();
    if (last.failure !== undefined) throw last.failure;
    return undefined;
  }

  async #probe(): Promise<void> {
    try {
      await this.#ask();
      this.#checked = { at: this.#timers.now(), failure: undefined };
    } catch (thrown) {
      const failure = thrown instanceof Error ? thrown : new Error(messageOf(thrown));
      this.#checked = { at: this.#timers.now(), failure };
      throw failure;
    }
  }

  async #ask(): Promise<void> {
    const status = await this.#status();
    const problems = this.#problemsOf(status);
    const problem = keyIdProblem(status.keyId);
    if (problem === undefined) problems.push(...(await this.#follow(status.keyId)));
    else problems.push(`got invalid KMSv2 KeyID hash ${JSON.stringify(hashOf(status.keyId))}: ${problem}`);
    if (problems.length === 0) return;
    const all = problems.length === 1 ? (problems[0] ?? "") : `[${problems.join(", ")}]`;
    throw new Error(`kmsv2 Provider ${this.#name} is not healthy, error: ${all}`);
  }

  async #status(): Promise<KmsStatus> {
    try {
      return await this.#service.status();
    } catch (cause) {
      throw new Error(
        `failed to perform status section of the healthz check for KMS Provider ${this.#name}, error: ${messageOf(cause)}`,
        { cause },
      );
    }
  }

  #problemsOf({ healthz, version }: KmsStatus): string[] {
    const problems = healthz === "ok" ? [] : [`got unexpected healthz status: ${healthz}`];
    if (!versions.includes(version)) problems.push(`expected KMSv2 API version v2, got ${version}`);
    else {
      this.#version ??= version;
      if (this.#version !== version)
        problems.push(
          `KMSv2 API version should not change after the initial status response version ${this.#version}, got ${version}`,
        );
    }
    return problems;
  }

  /** The key stays while the service has the same; else a new one is made, and encrypted by the service. */
  async #follow(keyId: string): Promise<readonly string[]> {
    const until = this.#timers.now() + freshMs;
    if (this.#made?.keyId !== keyId) {
      try {
        const made = await this.#make();
        if (made.keyId !== keyId)
          return [
            `failed to rotate DEK: the service encrypts with key ${hashOf(made.keyId)} and names ${hashOf(keyId)}`,
          ];
        this.#made = made;
      } catch (thrown) {
        return [`failed to rotate DEK: ${messageOf(thrown)}`];
      }
    }
    this.#freshUntil = until;
    return [];
  }

  async #make(): Promise<Made> {
    const seed = randomBytes(seedLength);
    const source = { ...(await this.#service.encrypt(seed)), sourceType: sourceTypes.seed };
    requireKeySource(source);
    return { ...source, transformer: extendedNonce(seed) };
  }
}

/** Names of keys are not for logs. */
function hashOf(keyId: string): string {
  return keyId === "" ? "" : `sha256:${createHash("sha256").update(keyId).digest("hex")}`;
}

/** As Go prints RFC 3339. */
function timeOf(milliseconds: number): string {
  return new Date(milliseconds).toISOString().replace(/\.\d+Z$/, "Z");
}
