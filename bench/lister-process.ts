/** A process that lists in a loop until it is ended; its target comes as the first message. */
import { Http2Client, type Target, type Template } from "./http2-client.ts";

export interface Listing {
  readonly target: Target;
  readonly template: Template;
  readonly clients: number;
}

process.once("message", (listing: Listing) => void listInLoops(listing));

async function listInLoops({ target, template, clients }: Listing): Promise<void> {
  await Promise.all(
    Array.from({ length: clients }, async () => {
      using client = await Http2Client.open(target);
      for (;;) {
        await client.request(template);
        process.send?.("listed");
      }
    }),
  );
}
