import ArgumentParser
import Foundation
import Logging
import ServiceKeys

/// `portcullis dev`: a node to try things with.
struct DevCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "dev",
        abstract: "Runs a node with a Redis of its own, a demo service key and sample sessions.",
        discussion: """
            Takes the settings of serve, but redis-url. Logs for people, permits cookies over plain HTTP, and keeps \
            its data in a folder beside that of serve. Not for production.
            """
    )

    @OptionGroup var sources: SettingSources

    func run() async throws {
        let environment = ProcessInfo.processInfo.environment
        var fallbacks: [SettingKey: String] = [
            .cookieSecure: "false", .logFormat: LogFormat.text.rawValue,
            .logLevel: Logger.Level.notice.rawValue,
        ]
        fallbacks[.dataDirectory] = NodeConfiguration.stateFolder(environment).map { $0 + "/dev" }
        let settings = try self.sources.resolve(fallbacks: fallbacks)
        if let entry = settings.entry(.redisURL), settings.isGiven(.redisURL) {
            throw ConfigurationError(
                "dev brings its own Redis; leave redis-url out (\(entry.origin)), or use serve"
            )
        }
        let configuration = try NodeConfiguration(settings, environment: environment)
        LineLogHandler.install(format: configuration.logFormat, level: configuration.logLevel)
        let directory = try await Node.openDataDirectory(configuration)
        let key = try DemoKey.kept(in: directory)
        try await Node(
            configuration: configuration,
            logger: Logger(label: "portcullis"),
            furtherKeyLines: [key.line],
            directory: directory,
            whenStarted: { node in
                let token = try await DemoSessions.create(in: node.gateway)
                print(
                    Self.welcome(
                        node.address,
                        isTLS: configuration.tlsCertificate != nil,
                        key: key.key,
                        token: token
                    )
                )
                // Seen at once also where the output is a file.
                fflush(nil)
            }
        ).run()
    }

    private static func welcome(_ address: ListenAddress, isTLS: Bool, key: String, token: String) -> String {
        let (base, curl) =
            switch address {
            case .tcp: ("\(isTLS ? "https" : "http")://\(address)", "curl -i")
            case .unix(let path): ("http://localhost", "curl -i --unix-socket '\(path)'")
            }
        return """

            portcullis dev listens on \(address). Ctrl-C ends it; its data is kept for the next time.

              ready?      \(base)/health/ready
              metrics     \(base)/metrics
              service key \(key)
              users       \(DemoSessions.users.joined(separator: ", "))

            Is this token good?
              \(curl) -H 'Authorization: Bearer \(token)' \(base)/check
            Who is logged in?
              \(curl) -H 'Authorization: Bearer \(key)' \(base)/api/admin/sessions
            Log alice out everywhere:
              \(curl) -X DELETE -H 'Authorization: Bearer \(key)' '\(base)/api/admin/sessions?userId=alice'

            """
    }
}

/// The demo's service key, the same at every start.
struct DemoKey: Sendable {
    let key: String
    let line: String

    /// Reads the key from the data folder, or makes one there.
    static func kept(in directory: DataDirectory) throws -> DemoKey {
        let text = try directory.text(of: "dev-key") {
            ServiceKeyRing.generate(name: "dev", scopes: [.check, .create, .admin]).map {
                "\($0.key)\n\($0.line)"
            } ?? ""
        }
        let lines = text.split(whereSeparator: \.isNewline).map(String.init)
        guard lines.count == 2 else {
            throw StartError.unusable("'\(directory.path)/dev-key' is damaged; remove it")
        }
        return DemoKey(key: lines[0], line: lines[1])
    }
}
