/// An entry of the log: what happened, in one order for the whole installation, hash-chained. The audit log shows it,
/// and whoever follows events goes by it.
public struct AuditEntry: Sendable, Equatable {
    /// Its place in the log: what comes later is greater. A follower that comes back gives the last one it knows.
    public let position: AuditPosition
    /// When it happened, on Redis's clock.
    public let at: Timestamp
    /// What happened: a ``EventKind``, or the kind of another version of Portcullis.
    public let kind: String
    /// The session that it happened to.
    public let session: SessionID?
    /// Whose session; empty when there is none or it is not known.
    public let user: String
    /// The session's organization; empty when there is none or it is not known.
    public let organization: String
    /// Who did it: a user id, `key:` and a service key's name, or empty for Portcullis itself. A user id that begins
    /// with `key:` or `user:` has `user:` before it.
    public let actor: String
    /// What the actor gave as the reason; of a change of settings, what has been set.
    public let reason: String
    /// The address that the request came from, of a login the one given with it; empty when it is not known.
    public let from: String
    /// Of an attempt that was refused: the call, as in `DELETE /api/admin/sessions/{id}`. Else empty.
    public let call: String
    /// Of an attempt that was refused: the code of the problem that it was answered with. Else empty.
    public let code: String
    /// How many events it stands for: 1, except for ``EventKind/gap`` and ``EventKind/refusalsDropped``.
    public let count: Int
    /// SHA-256 over the entry and the hash before it, in hexadecimal.
    public let hash: String

    package init(
        position: AuditPosition,
        at: Timestamp,
        kind: String,
        session: SessionID? = nil,
        user: String = "",
        organization: String = "",
        actor: String = "",
        reason: String = "",
        from: String = "",
        call: String = "",
        code: String = "",
        count: Int = 1,
        hash: String = ""
    ) {
        self.position = position
        self.at = at
        self.kind = kind
        self.session = session
        self.user = user
        self.organization = organization
        self.actor = actor
        self.reason = reason
        self.from = from
        self.call = call
        self.code = code
        self.count = count
        self.hash = hash
    }
}
