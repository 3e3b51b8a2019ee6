package import HTTPTypes
package import Hummingbird
import NIOCore
package import SessionGateway

/// Why a check does not let a request through, and how that is told: one place for the wording, used by the
/// middleware, the routes and the ready-made answers of the hot path.
package enum CheckDenial: Sendable, CaseIterable {
    /// No token came along.
    case unauthenticated
    /// More than one token came along.
    case ambiguous
    /// The token never was one of ours.
    case invalid
    /// The session is over.
    case expired
    /// The store cannot be asked. Nobody is logged out by that.
    case unavailable

    /// The denial for a refusal. Malformed and forged tokens look alike, and so do all sessions that are over.
    package init(_ refusal: Refusal) {
        switch refusal.kind {
        case .malformed, .forged: self = .invalid
        case .expired, .ended, .reused: self = .expired
        }
    }

    /// The HTTP status.
    package var status: HTTPResponse.Status {
        switch self {
        case .unauthenticated, .invalid, .expired: .unauthorized
        case .ambiguous: .badRequest
        case .unavailable: .serviceUnavailable
        }
    }

    /// The stable code.
    package var code: String {
        switch self {
        case .unauthenticated: "unauthenticated"
        case .ambiguous: "ambiguous_token"
        case .invalid: "invalid_session"
        case .expired: "session_expired"
        case .unavailable: "unavailable"
        }
    }

    /// The sentence.
    package var error: String {
        switch self {
        case .unauthenticated: "Authentication required"
        case .ambiguous: "More than one session token"
        case .invalid: "Invalid session"
        case .expired: "Session expired"
        case .unavailable: "Session store unavailable"
        }
    }

    /// The headers of the answer.
    package var headers: HTTPFields {
        var fields: HTTPFields = [
            .contentType: "application/problem+json", .cacheControl: "no-store",
            .xContentTypeOptions: "nosniff",
        ]
        switch self {
        case .unauthenticated: fields[.wwwAuthenticate] = #"Bearer realm="portcullis""#
        case .invalid, .expired:
            fields[.wwwAuthenticate] = #"Bearer realm="portcullis", error="invalid_token""#
        case .ambiguous: fields[.wwwAuthenticate] = #"Bearer realm="portcullis", error="invalid_request""#
        case .unavailable: fields[.retryAfter] = "1"
        }
        return fields
    }

    /// RFC 9457 problem details. Every part of it is fixed text without anything to escape.
    package var body: String {
        #"{"code":"\#(self.code)","error":"\#(self.error)","status":\#(self.status.code),"#
            + #""title":"\#(self.status.reasonPhrase)","type":"about:blank"}"#
    }

    /// The answer.
    package func response(isHead: Bool) -> Response {
        let body = ByteBuffer(string: self.body)
        var response = Response(status: self.status, headers: self.headers, body: .init(byteBuffer: body))
        if isHead { response = response.createHeadResponse() }
        return response
    }
}
