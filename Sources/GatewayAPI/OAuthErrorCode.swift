/// Every stable `error` of the OAuth endpoints (RFC 6749 5.2, RFC 7009 2.2.1).
package enum OAuthErrorCode: String, CaseIterable, Sendable, DescribedCode {
    case insufficientScope = "insufficient_scope"
    case invalidClient = "invalid_client"
    case invalidRequest = "invalid_request"
    case serverError = "server_error"
    case temporarilyUnavailable = "temporarily_unavailable"
    case unauthorizedClient = "unauthorized_client"
    case unsupportedTokenType = "unsupported_token_type"

    package var meaning: String {
        switch self {
        case .insufficientScope: "The service key lacks the scope of this call (RFC 6750 3.1)."
        case .invalidClient: "The client has not authenticated."
        case .invalidRequest: "A parameter is missing, wrong, or there twice, or the body is no form."
        case .serverError: "An error of the gateway's own; the node's log has it."
        case .temporarilyUnavailable: "Redis cannot be asked."
        case .unauthorizedClient: "The service key lacks the scope of this call."
        case .unsupportedTokenType: "The token is of a kind that is not revoked here."
        }
    }
}
