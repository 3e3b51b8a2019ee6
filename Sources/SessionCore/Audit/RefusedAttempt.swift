/// An attempt to change something, or an administrator's call, that was refused.
public struct RefusedAttempt: Sendable, Equatable {
    /// The call, by its pattern: `DELETE /api/admin/sessions/{id}`. Never what stood in its place.
    public var call: String
    /// The stable code of the problem that it was answered with.
    public var code: String
    /// Who attempted it, if that is known: a user id, or `key:` and a service key's name.
    public var actor: String?
    /// The user that it was about, or who attempted it.
    public var user: String?
    /// That user's organization.
    public var organization: String?
    /// The session that it was about, or that it came with.
    public var session: SessionID?
    /// The address that it came from.
    public var from: String?

    /// Puts an attempt together.
    public init(
        call: String,
        code: String,
        actor: String? = nil,
        user: String? = nil,
        organization: String? = nil,
        session: SessionID? = nil,
        from: String? = nil
    ) {
        self.call = call
        self.code = code
        self.actor = actor
        self.user = user
        self.organization = organization
        self.session = session
        self.from = from
    }
}
