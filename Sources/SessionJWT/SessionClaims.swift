import JWTKit

/// What a session's JWT says: the claims of RFC 9068, with times in seconds since 1970 as whole numbers.
struct SessionClaims: JWTPayload, Equatable {
    var iss: String
    var aud: String
    /// The user id.
    var sub: String
    /// Which service key asked for the JWT, or `self` when the session did.
    var clientID: String
    /// The session id.
    var sid: String
    /// What proves to a gateway that a gateway made these claims; see ``JWTIssuer``.
    var jti: String
    var iat: Int64
    var nbf: Int64
    var exp: Int64
    /// When the user last proved to be who they are, and how.
    var authTime: Int64
    var amr: [String]
    var roles: [String]
    var org: String?

    enum CodingKeys: String, CodingKey {
        case iss, aud, sub, sid, jti, iat, nbf, exp, amr, roles, org
        case clientID = "client_id"
        case authTime = "auth_time"
    }

    /// What these claims have to be is the issuer's matter: it knows the time.
    func verify(using algorithm: some JWTAlgorithm) async throws {}

    /// The claims as ``jti``'s code is made over them: each behind its length, so that no two sets of claims give the
    /// same bytes, whatever is in them.
    var message: [UInt8] {
        var bytes: [UInt8] = []
        func add(_ text: String) { bytes += Array("\(text.utf8.count):\(text)".utf8) }
        for text in [self.iss, self.aud, self.sub, self.clientID, self.sid, self.jti] { add(text) }
        for number in [self.iat, self.nbf, self.exp, self.authTime] { add("\(number)") }
        for list in [self.amr, self.roles, self.org.map { [$0] } ?? []] {
            add("\(list.count)")
            for entry in list { add(entry) }
        }
        return bytes
    }
}
