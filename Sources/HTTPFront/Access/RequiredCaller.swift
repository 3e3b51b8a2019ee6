package import ServiceKeys

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
