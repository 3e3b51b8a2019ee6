import GatewayAPI
import HTTPTypes
import Hummingbird
import ServiceKeys
import SessionAuthentication

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// How a client of the OAuth endpoints said who it is (RFC 6749 2.3.1): the client id is the name of a service key,
/// the secret the key.
private struct ClientCredential {
    /// `nil` where a service key goes by itself.
    var id: String?
    var secret: String
    var challenge: String

    static let basic = #"Basic realm="portcullis", charset="UTF-8""#
    static let bearer = #"Bearer realm="portcullis", error="invalid_token""#

    /// `Basic base64(id:secret)`, both form-encoded before they are joined.
    static func basic(_ value: String) -> ClientCredential? {
        let encoded = value.dropFirst(5).drop { $0 == " " }
        guard let data = Data(base64Encoded: String(encoded)) else { return nil }
        let parts = data.split(separator: UInt8(ascii: ":"), maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, let id = Query.decode(parts[0]), let secret = Query.decode(parts[1]) else {
            return nil
        }
        return ClientCredential(id: id, secret: secret, challenge: Self.basic)
    }
}

extension Front {
    /// Finds out which client calls an OAuth endpoint: by HTTP Basic, by `client_id` and `client_secret` in the form,
    /// or by the headers of the other calls; by one of them only (RFC 6749 2.3).
    /// - Throws: ``Problem`` `invalid_request`, `invalid_client`, or for a key without the scope `unauthorized_client`
    ///   (403 `insufficient_scope` for a Bearer key, RFC 6750 3.1).
    func client(_ request: Request, _ form: FormBody, scope: ServiceScope) throws(Problem) -> ServiceKey {
        let credential = try self.credential(request, form)
        guard let key = self.serviceKeys.verify(credential.secret),
            credential.id == nil || credential.id == key.name
        else { throw .invalidClient("Client authentication failed", challenge: credential.challenge) }
        if let id = form["client_id"], id != key.name {
            throw .invalidRequest("client_id is not the client that has authenticated")
        }
        guard key.allows(scope) else {
            guard credential.id == nil else {
                throw .oauth(
                    .badRequest,
                    .unauthorizedClient,
                    "The service key lacks the scope \(scope.rawValue)"
                )
            }
            throw .oauth(
                .forbidden,
                .insufficientScope,
                "The service key lacks the scope \(scope.rawValue)",
                headers: [
                    .wwwAuthenticate:
                        #"Bearer realm="portcullis", error="insufficient_scope", scope="\#(scope.rawValue)""#
                ]
            )
        }
        return key
    }

    private func credential(_ request: Request, _ form: FormBody) throws(Problem) -> ClientCredential {
        var found: [ClientCredential] = []
        for value in request.headers[values: .authorization] {
            if let bearer = PresentedToken.bearer(value) {
                found.append(ClientCredential(secret: bearer, challenge: ClientCredential.bearer))
            } else if value.prefix(6).lowercased() == "basic ", let basic = ClientCredential.basic(value) {
                found.append(basic)
            } else {
                throw .invalidClient("Client authentication failed", challenge: ClientCredential.basic)
            }
        }
        for value in HTTPField.Name("X-Service-Key").map({ request.headers[values: $0] }) ?? [] {
            found.append(ClientCredential(secret: value, challenge: ClientCredential.bearer))
        }
        if let secret = form["client_secret"] {
            guard let id = form["client_id"] else {
                throw .invalidRequest("client_secret is given without client_id")
            }
            found.append(ClientCredential(id: id, secret: secret, challenge: ClientCredential.basic))
        }
        guard found.count <= 1 else {
            throw .invalidRequest("More than one way of client authentication")
        }
        guard let credential = found.first else {
            throw .invalidClient("Client authentication required", challenge: ClientCredential.basic)
        }
        return credential
    }
}
