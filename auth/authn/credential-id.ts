/** The extra that says by what credential a user came: audit logs tell requests of one credential from another's. */
export const credentialId = "authentication.kubernetes.io/credential-id";
