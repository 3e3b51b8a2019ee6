import Foundation
import Logging
import NIOCore
import NIOPosix
import ServiceKeys
import ServiceLifecycle
import SessionGateway
import SessionJWT

/// A gateway node: a private Redis where none was named, the gateway, the HTTP front, and their life from start to
/// drain.
struct Node: Sendable {
    /// What is known when a node has begun to serve.
    struct Started: Sendable {
        let gateway: SessionGateway
        let address: ListenAddress
    }

    let configuration: NodeConfiguration
    let logger: Logger
    /// Lines of service keys beside those of the file.
    var furtherKeyLines: [String] = []
    /// The data folder, if somebody has opened it already.
    var directory: DataDirectory?
    /// Called once, when the node serves.
    var whenStarted: @Sendable (Started) async throws -> Void = { _ in }

    /// Runs until SIGTERM or SIGINT, then drains: stops accepting, finishes what is in flight for as long as
    /// `drain-timeout` says, and ends the private Redis last.
    /// - Throws: ``ConfigurationError`` and ``StartError``.
    func run() async throws {
        // Whatever is wrong with the configuration is said before anything is started.
        let givenKeys = try NodeSecrets.given(self.configuration, logger: self.logger)
        let jwt = try NodeSecrets.jwt(self.configuration, logger: self.logger)
        let webhooks = try NodeSecrets.webhooks(self.configuration, logger: self.logger)
        let serviceKeys = try NodeSecrets.serviceKeys(
            try NodeSecrets.serviceKeyLines(self.configuration) + self.furtherKeyLines,
            source: self.configuration.serviceKeysFile
        )
        if serviceKeys.isEmpty {
            self.logger.warning("There are no service keys: sessions can be checked but not created")
        }
        guard self.configuration.redisURL == nil else {
            guard let url = self.configuration.redisURL, let givenKeys else { return }
            try await self.serve(
                redisURL: url,
                tokenKeys: givenKeys,
                jwt: jwt,
                serviceKeys: serviceKeys,
                webhooks: webhooks,
                redis: nil
            )
            return
        }
        let directory = try await self.openDataDirectory()
        let tokenKeys = try givenKeys ?? NodeSecrets.generated(in: directory)
        let redis = PrivateRedis(directory: directory, logger: self.logger)
        try await redis.start()
        do {
            try await self.serve(
                redisURL: redis.url,
                tokenKeys: tokenKeys,
                jwt: jwt,
                serviceKeys: serviceKeys,
                webhooks: webhooks,
                redis: redis
            )
        } catch {
            await redis.stop()
            throw error
        }
    }

    private func openDataDirectory() async throws -> DataDirectory {
        if let directory { return directory }
        return try await Self.openDataDirectory(self.configuration)
    }

    /// Opens the data folder that the configuration names.
    static func openDataDirectory(_ configuration: NodeConfiguration) async throws -> DataDirectory {
        guard let path = configuration.dataDirectory else {
            throw ConfigurationError(
                "data-dir: a folder for the private Redis is needed, and neither STATE_DIRECTORY, XDG_STATE_HOME "
                    + "nor HOME names one"
            )
        }
        return try await DataDirectory(path: path)
    }
}
