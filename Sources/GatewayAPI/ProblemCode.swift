/// A closed list of stable codes, each with a sentence about it.
package protocol DescribedCode: RawRepresentable<String>, CaseIterable {
    /// When it is told, for people.
    var meaning: String { get }
}

/// Every stable `code` that a problem can carry. Programs may rely on these; the sentence beside a code may change.
package enum ProblemCode: String, CaseIterable, Sendable, DescribedCode {
    case ambiguousKey = "ambiguous_key"
    case ambiguousToken = "ambiguous_token"
    case badRequest = "bad_request"
    case csrf
    case csrfTokenRequired = "csrf_token_required"
    case forbidden
    case headersTooLarge = "headers_too_large"
    case insufficientScope = "insufficient_scope"
    case internalError = "internal"
    case invalidBody = "invalid_body"
    case invalidField = "invalid_field"
    case invalidJSON = "invalid_json"
    case invalidKey = "invalid_key"
    case invalidParameter = "invalid_parameter"
    case invalidSession = "invalid_session"
    case jwtDisabled = "jwt_disabled"
    case limitReached = "limit_reached"
    case methodNotAllowed = "method_not_allowed"
    case noData = "no_data"
    case notFound = "not_found"
    case notReady = "not_ready"
    case reauthenticationRequired = "reauthentication_required"
    case revocationIncomplete = "revocation_incomplete"
    case revocationUnconfirmed = "revocation_unconfirmed"
    case sessionExpired = "session_expired"
    case tooLarge = "too_large"
    case tooManyListeners = "too_many_listeners"
    case unauthenticated
    case unavailable
    case unsupportedMediaType = "unsupported_media_type"
    case useLogout = "use_logout"
    case versionConflict = "version_conflict"

    package var meaning: String {
        switch self {
        case .ambiguousKey: "The request has more than one service key."
        case .ambiguousToken: "The request has more than one session token."
        case .badRequest: "The request cannot be read as HTTP/1.1."
        case .csrf: "The request comes from another site's page."
        case .csrfTokenRequired:
            "The request does not say where it comes from, and lacks the token of GET /api/auth/csrf in X-CSRF-Token."
        case .forbidden: "The caller may not use this call, or not for this organization."
        case .headersTooLarge: "The headers of the request are too large."
        case .insufficientScope: "The service key lacks the scope of this call."
        case .internalError: "An error of the gateway's own; the node's log has it."
        case .invalidBody: "The body is not an object that this call takes."
        case .invalidField: "A field of the body is unknown, missing or wrong; field is its name."
        case .invalidJSON: "The body is not JSON, or is ambiguous JSON."
        case .invalidKey: "The service key is not known."
        case .invalidParameter:
            "A parameter in the query or in a header is unknown or wrong; field is its name."
        case .invalidSession: "The token is not a token of this installation."
        case .jwtDisabled: "JWT mode is off."
        case .limitReached: "The user has as many sessions as the limit allows."
        case .methodNotAllowed: "The path does not take this method; Allow has the methods."
        case .noData: "The session has no document."
        case .notFound: "There is no such call, or nothing of this id that the caller may see."
        case .notReady: "The node is not connected to Redis."
        case .reauthenticationRequired:
            "The session is good, and the user has to authenticate again (RFC 9470)."
        case .revocationIncomplete: "Some sessions have ended, and some not; the call has to be repeated."
        case .revocationUnconfirmed:
            "The sessions have ended, and not every node has confirmed; the call has to be repeated."
        case .sessionExpired: "The session of the token is over."
        case .tooLarge: "The body is longer than this call takes."
        case .tooManyListeners: "The node has as many listeners as it takes; another node may have room."
        case .unauthenticated: "The request has no token, or no service key where one is needed."
        case .unavailable: "Redis cannot be asked. Nobody is logged out by this."
        case .unsupportedMediaType: "The body is not application/json."
        case .useLogout: "The session is the one asked with; POST /api/auth/logout ends it."
        case .versionConflict:
            "What is to be changed has another version than the one given; the ETag has its version."
        }
    }
}
