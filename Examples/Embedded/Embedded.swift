import Hummingbird
import Logging
import SessionAuthentication
import SessionCore
import SessionGateway

struct AppContext: SessionRequestContext {
    var coreContext: CoreRequestContextStorage
    var session: LiveSession?

    init(source: Source) { self.coreContext = .init(source: source) }
}

let secret = Array("thirty-two bytes that nobody knows".utf8)
let keys = TokenKeyRing(signing: try TokenKeyRing.Key(id: 1, secret: secret))
let gateway = try SessionGateway(
    configuration: GatewayConfiguration(redisURL: "redis://127.0.0.1:6379", tokenKeys: keys),
    logger: Logger(label: "sessions")
)

let router = Router(context: AppContext.self)
router.add(middleware: SessionAuthenticator(gateway: gateway))
router.get("hello") { _, context in "Hello, \(context.session?.user.text ?? "stranger")!" }

let app = Application(router: router, services: [gateway])
try await app.runService()
