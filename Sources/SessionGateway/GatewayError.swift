public import SessionCore

/// Why a call failed. New codes may come with any version; ask for those that you handle, and treat others alike.
public struct GatewayError: Error, Sendable, CustomStringConvertible {
    /// What kind of failure it is.
    public struct Code: Hashable, Sendable, CustomStringConvertible {
        /// A word for logs.
        public let description: String

        /// The input breaks a rule: ``GatewayError/inputError``.
        public static let invalid = Code(description: "invalid")
        /// The token is not good: ``GatewayError/refusal``.
        public static let refused = Code(description: "refused")
        /// There is no such session, or not for this caller.
        public static let notFound = Code(description: "notFound")
        /// The user has as many sessions as allowed, ``GatewayError/limit``, and the policy is to refuse.
        public static let limitReached = Code(description: "limitReached")
        /// The document or the settings are at another version: ``GatewayError/presentVersion``.
        public static let conflict = Code(description: "conflict")
        /// Redis could not be reached or refused the command; nothing was done that anybody could see as success.
        public static let unavailable = Code(description: "unavailable")
        /// Redis did not answer in time after the command was sent, or could not tell which nodes there are: it may have
        /// been done, but not every node is known to have heard of it. Repeat the call.
        public static let unconfirmed = Code(description: "unconfirmed")
        /// Ending many broke off. At least ``GatewayError/ended`` sessions have ended and stay ended; not every node is
        /// known to have heard of it. Repeat the call.
        public static let interrupted = Code(description: "interrupted")
    }

    /// The failures that this version knows, for switches within the package.
    package enum Kind: Sendable {
        case invalid(InputError)
        case refused(Refusal)
        case notFound
        case limitReached(Int)
        case conflict(present: Int)
        case unavailable(String)
        case unconfirmed(String)
        case interrupted(ended: Int)
    }

    package let kind: Kind

    private init(_ kind: Kind) { self.kind = kind }

    /// What kind of failure it is.
    public var code: Code {
        switch self.kind {
        case .invalid: .invalid
        case .refused: .refused
        case .notFound: .notFound
        case .limitReached: .limitReached
        case .conflict: .conflict
        case .unavailable: .unavailable
        case .unconfirmed: .unconfirmed
        case .interrupted: .interrupted
        }
    }

    /// The rule that the input breaks, with ``Code/invalid``.
    public var inputError: InputError? { if case .invalid(let error) = self.kind { error } else { nil } }
    /// Why the token is not good, with ``Code/refused``.
    public var refusal: Refusal? { if case .refused(let refusal) = self.kind { refusal } else { nil } }
    /// How many live sessions the user has, with ``Code/limitReached``.
    public var limit: Int? { if case .limitReached(let limit) = self.kind { limit } else { nil } }
    /// The version that is there, with ``Code/conflict``.
    public var presentVersion: Int? { if case .conflict(let present) = self.kind { present } else { nil } }
    /// How many sessions have ended at least, with ``Code/interrupted``.
    public var ended: Int? { if case .interrupted(let ended) = self.kind { ended } else { nil } }

    /// For logs; holds no token.
    public var description: String { "\(self.kind)" }
}

extension GatewayError {
    package static func invalid(_ error: InputError) -> GatewayError { GatewayError(.invalid(error)) }
    package static func refused(_ refusal: Refusal) -> GatewayError { GatewayError(.refused(refusal)) }
    package static let notFound = GatewayError(.notFound)
    package static func limitReached(_ limit: Int) -> GatewayError { GatewayError(.limitReached(limit)) }
    package static func conflict(present: Int) -> GatewayError { GatewayError(.conflict(present: present)) }
    package static func unavailable(_ reason: String) -> GatewayError { GatewayError(.unavailable(reason)) }
    package static func unconfirmed(_ reason: String) -> GatewayError { GatewayError(.unconfirmed(reason)) }
    package static func interrupted(ended: Int) -> GatewayError { GatewayError(.interrupted(ended: ended)) }
}
