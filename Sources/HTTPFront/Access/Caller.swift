package import ServiceKeys
package import SessionAuthentication
package import SessionCore

/// Who calls.
package enum Caller: Sendable {
    /// Nobody in particular.
    case anonymous
    /// The owner of a session, who showed its token.
    case session(LiveSession, token: String, transport: TokenTransport)
    /// A program with a service key.
    case service(ServiceKey)

    /// How the caller is named in what is kept about their acts: users by their id, keys with `key:` before their
    /// name. The id of a user that looks like one of the others has `user:` before it.
    var actor: String? {
        switch self {
        case .anonymous: nil
        case .session(let session, _, _): Self.actor(session.user.text)
        case .service(let key): "key:\(key.name)"
        }
    }

    private static func actor(_ user: String) -> String {
        user.hasPrefix("key:") || user.hasPrefix("user:") ? "user:" + user : user
    }

    /// The session that the caller asked with.
    var session: LiveSession? {
        if case .session(let session, _, _) = self { session } else { nil }
    }
}
