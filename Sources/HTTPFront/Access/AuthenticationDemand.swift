import GatewayAPI
import HTTPTypes
import SessionAuthentication
import SessionCore

/// What a check demands beyond a live session (step-up, docs/features.md S10).
struct AuthenticationDemand: Sendable {
    /// The longest time since the user last proved to be who they are; `nil` for any.
    let maximumAge: Duration?
    /// Factors, one of which the user must have used; empty for any.
    let factors: [String]

    /// From 0 seconds (nobody is fresh enough) to 400 days.
    private static let ages = 0...34_560_000

    /// `maxAuthAge` in seconds; `factor` with commas between several.
    /// - Throws: ``Problem`` 400 that names the parameter.
    init(_ query: Query) throws(Problem) {
        self.maximumAge =
            query["maxAuthAge"] == nil
            ? nil : .seconds(try query.integer("maxAuthAge", in: Self.ages, default: 0))
        self.factors = (query["factor"] ?? "").split(separator: ",", omittingEmptySubsequences: false).map {
            String($0)
        }.filter { query["factor"] != nil || !$0.isEmpty }
        guard self.factors.allSatisfy({ (1...64).contains($0.utf8.count) }) else {
            throw .badParameter("factor", "must be names of 1 to 64 bytes, with commas between them")
        }
    }

    /// - Throws: ``Problem`` 422 that names the field.
    init(_ body: CheckSessionsJSON) throws(Problem) {
        if let age = body.maxAuthAge, !Self.ages.contains(age) {
            throw .badField("maxAuthAge", "must be \(Self.ages.lowerBound) to \(Self.ages.upperBound)")
        }
        self.maximumAge = body.maxAuthAge.map { .seconds($0) }
        self.factors = body.factors ?? []
        guard body.factors?.isEmpty != true, self.factors.allSatisfy({ (1...64).contains($0.utf8.count) })
        else {
            throw .badField("factors", "must be names of 1 to 64 bytes")
        }
    }

    /// Lets a session through that meets the demand.
    /// - Parameter now: Redis's time, on which sessions note the time of authentication.
    /// - Throws: ``Problem`` 403 `reauthentication_required`, with the challenge of RFC 9470; 503 while the time is
    ///   not known.
    func examine(_ session: LiveSession, now: Timestamp?) throws(Problem) {
        if let maximumAge {
            guard let now else { throw Problem(.unavailable) }
            guard now - session.authenticatedAt < maximumAge else { throw self.refusal }
        }
        guard self.factors.isEmpty || self.factors.contains(where: self.isUsed(session)) else {
            throw self.refusal
        }
    }

    private func isUsed(_ session: LiveSession) -> (String) -> Bool {
        { factor in session.factors.contains { $0.utf8.elementsEqual(factor.utf8) } }
    }

    private var refusal: Problem {
        let age = self.maximumAge.map { ", max_age=\"\($0.components.seconds)\"" } ?? ""
        return Problem(
            .forbidden,
            .reauthenticationRequired,
            "The user has to authenticate again",
            headers: [
                .wwwAuthenticate:
                    #"Bearer realm="portcullis", error="insufficient_user_authentication""# + age,
                .xContentTypeOptions: "nosniff",
            ]
        )
    }
}
