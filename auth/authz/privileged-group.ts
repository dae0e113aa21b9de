import { allowed, type Authorizer, noOpinion } from "./authorizer.ts";

/** Members may do everything, whatever the other authorizers say. */
export const privilegedGroup: Authorizer = ({ user }) => (user.groups.includes("system:masters") ? allowed : noOpinion);
