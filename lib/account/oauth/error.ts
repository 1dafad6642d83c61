/** What the OAuth endpoints answer in place of a success: a code of RFC 6749, 7591 or 8707, and a sentence. */
export class OAuthError extends Error {
  override name = "OAuthError";

  constructor(
    readonly code:
      | "access_denied"
      | "invalid_client"
      | "invalid_client_metadata"
      | "invalid_grant"
      | "invalid_redirect_uri"
      | "invalid_request"
      | "invalid_scope"
      | "invalid_target"
      | "unauthorized_client"
      | "unsupported_grant_type"
      | "unsupported_response_type",
    message: string,
  ) {
    super(message);
  }

  get status(): number {
    return this.code === "invalid_client" ? 401 : 400;
  }
}
