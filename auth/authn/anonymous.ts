import { ApiError } from "../../api/machinery/status.ts";
import type { Authenticator } from "./authenticator.ts";

/** Last in the list: a request without any credentials. One whose token nobody knew is not anonymous but refused. */
export const anonymous: Authenticator = ({ headers }) => {
  if (headers["authorization"] !== undefined) throw new ApiError("Unauthorized", "Unauthorized");
  return { name: "system:anonymous", groups: ["system:unauthenticated"] };
};
