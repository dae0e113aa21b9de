import type { Ingress } from "../../api/generated/types/networking-v1.ts";
import { defaultClassName } from "./default-class.ts";
import type { ObjectReader } from "./object-reader.ts";
import type { AdmissionPlugin, Mutation } from "./plugin.ts";
import { written } from "./written.ts";

const ingresses = { group: "networking.k8s.io", resource: "ingresses" };
const marks = ["ingressclass.kubernetes.io/is-default-class"];

/**
 * An ingress that names no class gets the default.
 * https://kubernetes.io/docs/reference/access-authn-authz/admission-controllers/#defaultingressclass
 */
export function defaultIngressClass({ reader }: { readonly reader: ObjectReader }): AdmissionPlugin {
  return {
    name: "DefaultIngressClass",
    mutate(request) {
      const ingress = request.operation === "CREATE" ? written<Ingress>(request, ingresses) : undefined;
      if (ingress === undefined || ingress.spec?.ingressClassName !== undefined) return "unchanged";
      // How a class was named before there was a field for it.
      const named = Object.hasOwn(ingress.metadata?.annotations ?? {}, "kubernetes.io/ingress.class");
      return named ? "unchanged" : setClass(ingress, reader);
    },
  };
}

async function setClass(ingress: Ingress, reader: ObjectReader): Promise<Mutation> {
  const name = defaultClassName(await reader.list("ingressclasses.networking.k8s.io"), marks);
  if (name === undefined) return "unchanged";
  ingress.spec = { ...ingress.spec, ingressClassName: name };
  return "changed";
}
