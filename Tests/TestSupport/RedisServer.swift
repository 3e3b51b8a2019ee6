package import Foundation

/// A private `redis-server` in a directory of its own, on a unix socket and, if asked, on TCP and TLS ports of
/// 127.0.0.1. It ends with this object, and with this process, however that ends.
package final class RedisServer: Sendable {
    /// What the server is started with.
    package struct Options: Sendable {
        /// Also listen on a free TCP port.
        package var tcp = false
        /// Also listen with TLS on a free TCP port, with a self-signed certificate.
        package var tls = false
        /// The subject alternative names of that certificate.
        package var certificateNames = "DNS:localhost,IP:127.0.0.1"
        /// The default user's password.
        package var password: String?
        /// The lines of an ACL file.
        package var acl: [String] = []
        /// Keep an append-only file, so that data outlive ``RedisServer/restart()``.
        package var appendOnly = false
        /// More lines of configuration.
        package var configuration: [String] = []

        /// A server on a unix socket that keeps nothing.
        package init() {}
    }

    /// The server did not start.
    package struct StartFailure: Error, CustomStringConvertible {
        /// Why, with the end of its log.
        package let description: String
    }

    /// Holds the socket, the log and the data; removed in the end.
    package let directory: URL
    /// The unix socket.
    package let socketPath: String
    /// The TCP port, if asked for.
    package let port: Int?
    /// The TLS port, if asked for.
    package let tlsPort: Int?
    /// The certificate that the TLS port shows; it is its own authority.
    package var certificatePath: String { directory.appending(path: "tls.crt").path }

    private let process: Mutexed<Int32?>

    /// Starts a server and waits until it answers.
    package init(_ options: Options = Options()) throws {
        directory = URL(filePath: "/tmp").appending(path: "redis-test-\(UInt64.random(in: 0 ... .max))")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        socketPath = directory.appending(path: "redis.sock").path
        port = options.tcp ? try freePort() : nil
        tlsPort = options.tls ? try freePort() : nil
        process = Mutexed(nil)
        if options.tls { try makeCertificate(options.certificateNames) }
        try writeConfiguration(options)
        try start()
    }

    deinit {
        stop()
        try? FileManager.default.removeItem(at: directory)
    }

    /// The server's process id; nil after ``stop()``.
    package var processID: Int32? { process.withLock { $0 } }

    /// Sends a signal such as SIGSTOP or SIGCONT.
    package func signal(_ number: Int32) {
        process.withLock { if let id = $0 { _ = kill(id, number) } }
    }

    /// Stops the server where it stands (SIGSTOP): its sockets stay open and nobody answers.
    package func pause() { signal(SIGSTOP) }

    /// Lets a paused server go on (SIGCONT).
    package func resume() { signal(SIGCONT) }

    /// Kills the server (SIGKILL) and waits until it is gone.
    package func stop() {
        process.withLock { id in
            guard let process = id else { return }
            kill(process, SIGKILL)
            ChildProcess.wait(process)
            id = nil
        }
    }

    /// Kills the server if it runs, starts it again at the same addresses, and waits until it answers.
    package func restart() throws {
        stop()
        try start()
    }

    /// Starts the server after ``stop()`` without waiting for an answer.
    package func launch() throws {
        let id = try ChildProcess.spawn(
            ["redis-server", directory.appending(path: "redis.conf").path],
            output: directory.appending(path: "redis.log").path
        )
        process.withLock { $0 = id }
    }

    /// The server's log.
    package var log: String {
        (try? String(contentsOf: directory.appending(path: "redis.log"), encoding: .utf8)) ?? ""
    }

    private func start() throws {
        try launch()
        let deadline = ContinuousClock.now + .seconds(20)
        while !answers() {
            guard ContinuousClock.now < deadline, processID.map({ ChildProcess.isRunning($0) }) ?? false
            else {
                stop()
                throw StartFailure(description: "redis-server did not start: \(log.suffix(1000))")
            }
            usleep(3000)
        }
    }

    /// Whether it answers PING, be it with a refusal to serve this user; not while it is loading.
    private func answers() -> Bool {
        guard let reply = unixSocketExchange(socketPath, "PING\r\n") else { return false }
        return reply.hasPrefix("+PONG") || reply.hasPrefix("-NOAUTH") || reply.hasPrefix("-NOPERM")
    }

    private func writeConfiguration(_ options: Options) throws {
        var lines = [
            "unixsocket \(socketPath)", "unixsocketperm 700", "dir \(directory.path)", "save \"\"",
            "appendonly \(options.appendOnly ? "yes" : "no")", "daemonize no", "bind 127.0.0.1",
            "port \(port ?? 0)", "loglevel notice",
        ]
        if let tlsPort {
            lines += [
                "tls-port \(tlsPort)", "tls-cert-file \(certificatePath)",
                "tls-key-file \(directory.appending(path: "tls.key").path)",
                "tls-ca-cert-file \(certificatePath)", "tls-auth-clients no",
            ]
        }
        if let password = options.password { lines.append("requirepass \(password)") }
        if !options.acl.isEmpty {
            let file = directory.appending(path: "users.acl")
            try Data((options.acl.joined(separator: "\n") + "\n").utf8).write(to: file)
            lines.append("aclfile \(file.path)")
        }
        lines += options.configuration
        try Data((lines.joined(separator: "\n") + "\n").utf8)
            .write(to: directory.appending(path: "redis.conf"))
    }

    private func makeCertificate(_ names: String) throws {
        let id = try ChildProcess.spawn(
            [
                "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1",
                "-nodes",
                "-days", "2", "-subj", "/CN=localhost", "-addext",
                "subjectAltName=\(names)",
                "-keyout", directory.appending(path: "tls.key").path, "-out", certificatePath,
            ],
            output: directory.appending(path: "openssl.log").path
        )
        ChildProcess.wait(id)
        guard FileManager.default.fileExists(atPath: certificatePath) else {
            throw StartFailure(description: "openssl made no certificate")
        }
    }
}
