import type { SelfSubjectRulesReview } from "../../api/generated/types/authorization-v1.ts";
import { ApiError } from "../../api/machinery/status.ts";
import type { ApiResponse } from "../../api/wire.ts";
import type { RuleResolver } from "../../auth/authz/rule-resolver.ts";
import { objectResponse } from "../encoding/object.ts";
import { acceptedBy, writeRequest, type ResourceRequest, type VerbDeps } from "./context.ts";
import { decodeObject } from "./decode.ts";
import { writeOptions } from "./write-options.ts";

/** All that the caller may do in a namespace, as far as it is known: `kubectl auth can-i --list`. */
export async function selfSubjectRulesReview(
  request: ResourceRequest,
  rulesOf: RuleResolver,
  deps: VerbDeps,
): Promise<ApiResponse> {
  const accepted = acceptedBy(request, { stream: false });
  const options = writeOptions(request.query, "CreateOptions", request.request.headers["user-agent"]);
  const object = await decodeObject(request, options);
  const { namespace = "" } = (object as SelfSubjectRulesReview).spec;
  if (namespace === "") throw new ApiError("BadRequest", "no namespace on request");
  await deps.objects.admit(writeRequest(request, options, "refuse"), object);
  const { resourceRules, nonResourceRules, incomplete, errors } = await rulesOf(request.user, namespace);
  const evaluationError = aggregate(errors);
  const review = {
    kind: "SelfSubjectRulesReview",
    apiVersion: request.version.apiVersion,
    metadata: {},
    spec: {},
    status: {
      resourceRules: resourceRules.map(({ verbs, apiGroups, resources, resourceNames }) => ({
        verbs: [...verbs],
        ...listed("apiGroups", apiGroups),
        ...listed("resources", resources),
        ...listed("resourceNames", resourceNames),
      })),
      nonResourceRules: nonResourceRules.map(({ verbs, nonResourceURLs }) => ({
        verbs: [...verbs],
        ...listed("nonResourceURLs", nonResourceURLs),
      })),
      incomplete,
      ...(evaluationError === "" ? {} : { evaluationError }),
    },
  };
  return objectResponse(201, review, accepted);
}

function listed(name: string, values: readonly string[] | null | undefined): Record<string, string[]> {
  return values === null || values === undefined || values.length === 0 ? {} : { [name]: [...values] };
}

function aggregate(errors: readonly string[]): string {
  const distinct = [...new Set(errors)];
  return distinct.length > 1 ? `[${distinct.join(", ")}]` : (distinct[0] ?? "");
}
