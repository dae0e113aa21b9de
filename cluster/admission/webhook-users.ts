import { isAbsolute } from "node:path";
import { bad, required } from "../../api/machinery/findings.ts";
import { readWebhookUsers, WebhookConfigError, type WebhookUsers } from "../../server/webhook/webhook-config.ts";
import { document, fieldProblem, text } from "./read-fields.ts";

const field = "kubeConfigFile";
const read = document(["apiserver.config.k8s.io/v1 WebhookAdmissionConfiguration"], { kubeConfigFile: text });

/** Who this server is to admission webhooks: the users of the file that the plugin's configuration names. Throws an OptionError. */
export async function webhookUsers(configuration: unknown): Promise<WebhookUsers> {
  const { kubeConfigFile: file = "" } = read(configuration, "");
  if (file === "") throw fieldProblem(required(field));
  if (!isAbsolute(file)) throw fieldProblem(bad(field, file, "must be an absolute file path"));
  try {
    return await readWebhookUsers(file);
  } catch (thrown) {
    if (thrown instanceof WebhookConfigError) throw fieldProblem(bad(field, file, thrown.message));
    const { code } = thrown as NodeJS.ErrnoException;
    if (code === undefined) throw thrown;
    throw fieldProblem(bad(field, file, `it cannot be read (${code})`));
  }
}
