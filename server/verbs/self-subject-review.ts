import type { ApiResponse } from "../../api/wire.ts";
import { objectResponse } from "../encoding/object.ts";
import { formatTime } from "../../api/machinery/time.ts";
import { acceptedBy, type ResourceRequest, type VerbDeps, writeRequest } from "./context.ts";
import { decodeObject, matchUrl } from "./decode.ts";
import { writeOptions } from "./write-options.ts";

/** Who the server takes the caller for: `kubectl auth whoami`. https://kubernetes.io/docs/reference/access-authn-authz/authentication/#self-subject-review */
export async function selfSubjectReview(request: ResourceRequest, deps: VerbDeps): Promise<ApiResponse> {
  const accepted = acceptedBy(request, { stream: false });
  const options = writeOptions(request.query, "CreateOptions", request.request.headers["user-agent"]);
  const object = await decodeObject(request, options);
  matchUrl(request, object);
  await deps.objects.admit(writeRequest(request, options, "refuse"), object);
  const { name, uid, groups, extra } = request.user;
  const review = {
    kind: "SelfSubjectReview",
    apiVersion: request.version.apiVersion,
    metadata: { creationTimestamp: formatTime(deps.clock.now()) },
    status: {
      userInfo: {
        username: name,
        ...(uid === undefined ? {} : { uid }),
        groups: [...groups],
        ...(extra === undefined ? {} : { extra }),
      },
    },
  };
  return objectResponse(201, review, accepted);
}
