import Foundation
import Hummingbird
import Logging
import SessionAuthentication
import SessionCore
import SessionGateway

/// An application with the gateway inside: login, a page for those who are logged in, logout, logout everywhere.
///
/// It reads REDIS_URL, TOKEN_SECRET (32 bytes or more) and PORT from the environment. Its users have no passwords: where
/// `login` believes the name, an application asks its own directory.
@main
struct Embedded {
    struct Context: SessionRequestContext {
        var coreContext: CoreRequestContextStorage
        var session: LiveSession?

        init(source: Source) { self.coreContext = .init(source: source) }
    }

    struct Login: Decodable { var name: String }

    static func main() async throws {
        let environment = ProcessInfo.processInfo.environment
        guard let secret = environment["TOKEN_SECRET"] else { throw Missing(variable: "TOKEN_SECRET") }
        let keys = TokenKeyRing(signing: try TokenKeyRing.Key(id: 1, secret: Array(secret.utf8)))
        let gateway = try SessionGateway(
            configuration: GatewayConfiguration(
                redisURL: environment["REDIS_URL"] ?? "redis://127.0.0.1:6379",
                tokenKeys: keys
            ),
            logger: Logger(label: "sessions")
        )
        // Without TLS in front, browsers would not send a cookie that is Secure.
        let cookie = SessionCookie(isSecure: environment["BEHIND_TLS"] != nil)

        let router = Router(context: Context.self)
        router.post("login") { request, context -> Response in
            let login = try await request.decode(as: Login.self, context: context)
            let created = try await gateway.create(NewSession(user: try UserID(login.name)))
            return Response(
                status: .noContent,
                headers: [.setCookie: cookie.setting(token: created.token.text)]
            )
        }
        let guarded = router.group().add(middleware: SessionAuthenticator(gateway: gateway, cookie: cookie))
        guarded.get("hello") { _, context in "Hello, \(try context.own().user)!" }
        guarded.post("logout") { _, context -> Response in
            _ = try await gateway.end(try context.own().id, Ending(.loggedOut))
            return Response(status: .noContent, headers: [.setCookie: cookie.clearing])
        }
        // Returns when no node accepts any session of the user any more.
        guarded.post("logout-everywhere") { _, context -> String in
            let receipt = try await gateway.endAll(of: try context.own().user, Ending(.loggedOut))
            return "ended \(receipt.ended), applied on \(receipt.applied) of \(receipt.nodes) nodes"
        }
        let port = environment["PORT"].flatMap { Int($0) } ?? 8080
        let application = Application(
            router: router,
            configuration: .init(address: .hostname("127.0.0.1", port: port)),
            services: [gateway]
        )
        try await application.runService()
    }

    struct Missing: Error, CustomStringConvertible {
        let variable: String
        var description: String { "\(self.variable) is not set" }
    }
}

extension Embedded.Context {
    /// The session of the request; routes behind ``SessionAuthenticator`` always have one.
    func own() throws -> LiveSession {
        guard let session else { throw HTTPError(.unauthorized) }
        return session
    }
}
