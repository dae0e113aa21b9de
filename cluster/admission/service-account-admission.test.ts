import { expect, it } from "vitest";
import { allControllers } from "../../controllers/all.ts";
import { serviceAccountAdmission } from "./service-account-admission.ts";

it("asks for accounts where they are made, or where it is told to", () => {
  expect(serviceAccountAdmission({}, allControllers)).toEqual({});
  expect(serviceAccountAdmission({ disable: ["Priority"] }, [])).toEqual({ disable: ["Priority", "ServiceAccount"] });
  const enable = ["ServiceAccount"];
  expect(serviceAccountAdmission({ enable }, [])).toEqual({ enable });
});
