package import Hummingbird
import NIOCore
package import ServiceKeys
package import SessionAuthentication
package import SessionCore

/// The context of a request to the front.
package struct FrontContext: RequestContext {
    package var coreContext: CoreRequestContextStorage
    /// The connection.
    let channel: any Channel
    /// The other end of the connection.
    let peer: SocketAddress?

    package init(source: Source) {
        self.coreContext = .init(source: source)
        self.channel = source.channel
        self.peer = source.channel.remoteAddress
    }
}

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

/// Who may call a route.
package enum RequiredCaller: Sendable, Equatable {
    /// Anybody.
    case anyone
    /// The owner of a session, by cookie or Bearer.
    case session
    /// A service key with the scope, or with `admin`.
    case service(ServiceScope)
    /// A service key with the scope, which may also come as OAuth client credentials: the route authenticates,
    /// because they may lie in the body.
    case client(ServiceScope)
    /// A service key with the scope `admin`, or a session with the administrators' role: of everything, not of an
    /// organization.
    case administrator
    /// One of those, or an administrator of an organization, who sees and changes its sessions only: the route has to
    /// keep to ``RouteCall/reach()``.
    case organizationAdministrator
    /// A service key with the scope, or an administrator.
    case observer(ServiceScope)

    /// Whether it is one kind of administrator or another.
    package var isAdministrator: Bool {
        switch self {
        case .administrator, .organizationAdministrator: true
        case .anyone, .session, .service, .client, .observer: false
        }
    }
}

/// Whose sessions an administrator may see and end.
enum AdministratorReach: Sendable, Equatable {
    case everything
    /// Those of one organization, compared as bytes.
    case organization(String)
}
