import ArgumentParser
import Foundation
import Logging

/// `portcullis serve`: a gateway node.
struct ServeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve",
        abstract: "Runs a gateway node until SIGTERM or SIGINT, then drains.",
        discussion: """
            Every setting below is also an environment variable, PORTCULLIS_ and its name in capitals \
            (PORTCULLIS_REDIS_URL), and a line of the file ('portcullis config' prints the paths). Flags go before \
            the environment, the environment before the file. SESSION_TIMEOUT (minutes) and SESSION_TIMEOUT_DAYS \
            set idle-timeout too. The secrets that sign tokens have no flag, because other users can see flags: \
            PORTCULLIS_TOKEN_SECRET or --token-secret-file.

            Without --redis-url a private redis-server is started: a child process with an append-only file in \
            the data folder, reachable over a unix socket there, which ends with this process.

            Exit codes: 0 after a drain, 64 for wrong usage, 69 when something needed is missing or taken, 78 for a \
            wrong configuration.
            """
    )

    @OptionGroup var sources: SettingSources

    func run() async throws {
        let settings = try self.sources.resolve()
        let node = try NodeConfiguration(settings, environment: ProcessInfo.processInfo.environment)
        LineLogHandler.install(format: node.logFormat, level: node.logLevel)
        let logger = Logger(label: "portcullis")
        if !node.isCookieSecure, !node.listen.isLocal {
            logger.warning("cookie-secure is off: tokens travel in the clear to whoever listens")
        }
        try await Node(configuration: node, logger: logger).run()
    }
}
