package import Foundation

/// What the nodes of one installation share: the secret that signs tokens and the service keys, as files.
package struct GatewaySecrets: Sendable {
    /// A service key with every scope. It opens nothing but test gateways.
    package static let serviceKey = "pk_faults_0123456789abcdefghijklmnopqrstuvwxyzABCDEFG"
    /// The secret that signs tokens, in hexadecimal.
    package let tokenSecret: String
    /// Its id.
    package let tokenKeyID: UInt8 = 1
    let tokenSecretPath: String
    let serviceKeysPath: String

    /// Writes the files into a directory.
    package init(directory: URL) throws {
        let bytes = (0..<32).map { _ in UInt8.random(in: .min ... .max) }
        tokenSecret = bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
        tokenSecretPath = directory.appending(path: "token-secret").path
        serviceKeysPath = directory.appending(path: "service-keys").path
        // SHA-256 of the key above.
        let digest = "2b755a0b72ba65b39f0bafacef622bf7bbaf3422ed3be9cffd1ffae50e4554f7"
        try write("\(tokenKeyID):\(tokenSecret)\n", to: tokenSecretPath)
        try write("faults:check+create+admin:\(digest)\n", to: serviceKeysPath)
    }

    private func write(_ text: String, to path: String) throws {
        guard
            FileManager.default.createFile(
                atPath: path,
                contents: Data(text.utf8),
                attributes: [.posixPermissions: 0o600]
            )
        else { throw POSIXError(.EACCES) }
    }
}

/// A `portcullis serve` of its own. It ends with this object, and with this process, however that ends.
package final class GatewayProcess: Sendable {
    /// The gateway did not start.
    package struct StartFailure: Error, CustomStringConvertible {
        /// Why, with the end of its log.
        package let description: String
    }

    /// Its port on 127.0.0.1.
    package let port: Int
    /// Where its output goes.
    package let logPath: String
    private let command: [String]
    private let process = Mutexed<Int32?>(nil)

    /// Starts a gateway; ``waitUntilReady(within:)`` waits until it serves.
    /// - Parameters:
    ///   - redisURL: its Redis.
    ///   - secrets: shared by the nodes of an installation.
    ///   - directory: for its log.
    ///   - flags: more flags of `portcullis serve`; they go before the ones that are set here.
    package init(redisURL: String, secrets: GatewaySecrets, directory: URL, flags: [String] = []) throws {
        guard let binary = Self.binary else {
            throw StartFailure(
                description: "no portcullis beside the tests: swift build --product portcullis"
            )
        }
        port = try freePort()
        logPath = directory.appending(path: "gateway-\(port).log").path
        // What configures the tests, or a gateway of whoever runs them, is none of this gateway's business.
        let foreign = ProcessInfo.processInfo.environment.keys.filter {
            $0.hasPrefix("PORTCULLIS_") || $0.hasPrefix("SESSION_TIMEOUT")
        }
        command =
            ["env"] + foreign.flatMap { ["-u", $0] }
            + [
                binary, "serve", "--redis-url", redisURL, "--listen", "127.0.0.1:\(port)",
                "--token-secret-file", secrets.tokenSecretPath, "--service-keys-file",
                secrets.serviceKeysPath,
                "--no-cookie-secure", "--event-loops", "1", "--log-level", "notice", "--drain-timeout", "1s",
            ] + flags
        try start()
    }

    deinit { stop() }

    /// The program: PORTCULLIS_BIN, or the one that was built together with the tests.
    package static let binary: String? = {
        if let path = ProcessInfo.processInfo.environment["PORTCULLIS_BIN"] { return path }
        let own = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe"))
        var places = [Bundle.main.bundleURL, Bundle.main.executableURL].compactMap { $0 }
        if let own { places.append(URL(filePath: own)) }
        for place in places {
            var folder = place
            for _ in 0..<4 {
                folder = folder.deletingLastPathComponent()
                let candidate = folder.appending(path: "portcullis").path
                var isDirectory: ObjCBool = false
                if FileManager.default.fileExists(atPath: candidate, isDirectory: &isDirectory),
                    !isDirectory.boolValue, FileManager.default.isExecutableFile(atPath: candidate)
                {
                    return candidate
                }
            }
        }
        return nil
    }()

    /// The process id; nil after ``stop()``.
    package var processID: Int32? { process.withLock { $0 } }

    /// Whether it has not ended by itself.
    package var isRunning: Bool { processID.map { ChildProcess.isRunning($0) } ?? false }

    /// Sends a signal such as SIGSTOP or SIGCONT.
    package func signal(_ number: Int32) {
        process.withLock { if let id = $0 { _ = kill(id, number) } }
    }

    /// Kills it (SIGKILL) and waits until it is gone.
    package func stop() {
        process.withLock { id in
            guard let process = id else { return }
            kill(process, SIGKILL)
            ChildProcess.wait(process)
            id = nil
        }
    }

    /// Starts it again, on the same port, after ``stop()``.
    package func start() throws {
        let id = try ChildProcess.spawn(command, output: logPath)
        process.withLock { $0 = id }
    }

    /// Waits until it can answer checks.
    /// - Throws: ``StartFailure`` with the end of its log.
    package func waitUntilReady(within limit: Duration = .seconds(60)) async throws {
        let client = HTTPClient(port: port)
        let deadline = ContinuousClock.now + limit
        while true {
            let answer = try? await client.send(HTTPCall("GET", "/health/ready"), deadline: .seconds(2))
            if answer?.status == 200 { return }
            guard ContinuousClock.now < deadline, isRunning else {
                throw StartFailure(description: "gateway on port \(port) is not ready: \(log.suffix(1000))")
            }
            try await Task.sleep(for: .milliseconds(20))
        }
    }

    /// All it has said.
    package var log: String {
        (try? String(contentsOf: URL(filePath: logPath), encoding: .utf8)) ?? ""
    }
}
