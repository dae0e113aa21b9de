import type { ApiRequest, UserInfo } from "../../api/wire.ts";

/** Says who sent a request. Undefined: it shows no credentials of this kind. Throws ApiError Unauthorized for bad ones. */
export type Authenticator = (request: ApiRequest) => Promise<UserInfo | undefined> | UserInfo | undefined;
