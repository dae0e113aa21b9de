import type { Clock } from "../../../base/clock.ts";
import { repeatedly } from "./repeatedly.ts";
import type { KmsConfiguration } from "../configuration.ts";
import type { KmsProvider } from "../create-transformers.ts";
import { messageOf } from "../message-of.ts";
import { envelope } from "./envelope.ts";
import { KmsState } from "./kms-state.ts";

/** How often a service is asked how it is: when it was well, and when it was not. */
const wellMs = 60_000;
const unwellMs = 10_000;

export interface KmsDeps {
  /** Real time. */
  readonly timers: Clock;
  /** A service is not well: told each time that it is asked. */
  readonly failed: (name: string, error: unknown) => void;
}

/** Asks the service once; if it is not well yet, its values can be read and written as soon as it is. */
export async function openKms(configuration: KmsConfiguration, { timers, failed }: KmsDeps): Promise<KmsProvider> {
  const { name } = configuration;
  // Few clusters need it.
  const { openGrpcService } = await import("./grpc-service.ts");
  const service = openGrpcService(configuration);
  const state = new KmsState({ name, service, timers });
  const probe = async (): Promise<number> => {
    try {
      await state.probe();
      return wellMs;
    } catch (thrown) {
      failed(name, thrown);
      return unwellMs;
    }
  };
  const stop = repeatedly(await probe(), probe, timers);
  return {
    transformer: envelope(service, () => state.current()),
    async check() {
      try {
        await state.checked();
        return undefined;
      } catch (thrown) {
        return messageOf(thrown);
      }
    },
    close() {
      stop();
      service.close();
    },
  };
}
