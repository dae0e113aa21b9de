import type { CertificateChecks } from "../../api/resource.ts";
import { certificatesProblem } from "../../certs/certificates-problem.ts";
import { signingRequestProblem } from "../../certs/request-signature.ts";

export const certificateChecks: CertificateChecks = { signingRequestProblem, certificatesProblem };
