public import SessionCore

/// The answer to "is this token good, and whose is it?"
///
/// Good with a ``session``, not good with a ``refusal``, or neither: ``isUnavailable``.
public struct CheckResult: Sendable {
    /// The answers that there are, for switches within the package.
    package enum Kind: Sendable {
        case active(CachedSession)
        case refused(Refusal)
        case unavailable
    }

    package let kind: Kind

    @inline(__always)
    package init(_ kind: Kind) { self.kind = kind }

    /// The session, when the token is good.
    public var session: LiveSession? {
        if case .active(let cached) = self.kind { cached.session } else { nil }
    }
    /// Why the token is not good.
    public var refusal: Refusal? { if case .refused(let refusal) = self.kind { refusal } else { nil } }
    /// Redis had to be asked and could not be: neither good nor bad, try again, and log nobody out.
    public var isUnavailable: Bool { if case .unavailable = self.kind { true } else { false } }
}

extension CheckResult {
    @inline(__always)
    package static func active(_ session: CachedSession) -> CheckResult { CheckResult(.active(session)) }
    @inline(__always)
    package static func refused(_ refusal: Refusal) -> CheckResult { CheckResult(.refused(refusal)) }
    package static var unavailable: CheckResult { CheckResult(.unavailable) }
}
