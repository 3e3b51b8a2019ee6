import Foundation
import Testing

/// The built program, running. Ended with ``end()``, which every test reaches through ``with(_:environment:_:)``.
final class ProgramProcess {
    private let process = Process()
    private let folder: String
    /// Where the process keeps its data.
    var dataFolder: String { "\(self.folder)/data" }
    private var outputFile: String { "\(self.folder)/out" }
    private var errorFile: String { "\(self.folder)/err" }

    /// The program lies beside the test bundle, which is this process's own image.
    static func program(_ name: String = "portcullis") throws -> URL {
        let image = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        let program = URL(fileURLWithPath: image).deletingLastPathComponent().appendingPathComponent(name)
        try #require(FileManager.default.isExecutableFile(atPath: program.path), "build \(name) first")
        return program
    }

    private init(_ arguments: [String], environment: [String: String], folder: String) throws {
        self.folder = folder
        self.process.executableURL = try Self.program()
        self.process.arguments = arguments
        var environment = environment
        environment["PATH"] = ProcessInfo.processInfo.environment["PATH"]
        environment["HOME"] = folder
        environment["XDG_STATE_HOME"] = nil
        self.process.environment = environment
        for file in [self.outputFile, self.errorFile] {
            try #require(FileManager.default.createFile(atPath: file, contents: nil))
        }
        self.process.standardInput = FileHandle.nullDevice
        self.process.standardOutput = try FileHandle(forWritingTo: URL(fileURLWithPath: self.outputFile))
        self.process.standardError = try FileHandle(forWritingTo: URL(fileURLWithPath: self.errorFile))
        try self.process.run()
    }

    /// Runs the program for as long as `body` does, then kills it and its Redis and removes its data.
    static func with(
        _ arguments: [String],
        environment: [String: String] = [:],
        _ body: (ProgramProcess) async throws -> Void
    ) async throws {
        try await Self.withFolder { folder in
            try await Self.with(arguments, environment: environment, in: folder, body)
        }
    }

    /// As ``with(_:environment:_:)``, in a folder that outlives the process.
    static func with(
        _ arguments: [String],
        environment: [String: String] = [:],
        in folder: String,
        _ body: (ProgramProcess) async throws -> Void
    ) async throws {
        let arguments = arguments.map { $0.replacing("DATA", with: "\(folder)/data") }
        let process = try ProgramProcess(arguments, environment: environment, folder: folder)
        do {
            try await body(process)
        } catch {
            await process.end()
            Issue.record("portcullis said: \(process.errors.suffix(2000))")
            throw error
        }
        await process.end()
    }

    /// A folder that is gone afterwards; its path is short, because sockets lie in it.
    static func withFolder(_ body: (String) async throws -> Void) async throws {
        let folder = "/tmp/pc-e2e-\(UInt32.random(in: 0 ... .max))"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try await body(folder)
    }

    private func end() async {
        if self.process.isRunning { self.signal(SIGKILL) }
        self.process.waitUntilExit()
        // Its Redis follows by itself, which is what one of the tests is about; wait so that the folder can go.
        let socket = "\(self.dataFolder)/redis.sock"
        let deadline = ContinuousClock.now + .seconds(10)
        while LocalSocket(path: socket) != nil, ContinuousClock.now < deadline {
            try? await Task.sleep(for: .milliseconds(5))
        }
    }

    var output: String { Self.text(self.outputFile) }
    var errors: String { Self.text(self.errorFile) }

    private static func text(_ file: String) -> String {
        String(decoding: FileManager.default.contents(atPath: file) ?? Data(), as: UTF8.self)
    }

    func signal(_ signal: Int32) { kill(self.process.processIdentifier, signal) }

    /// The exit code, once the process has ended by itself.
    func exitCode() async throws -> Int32 {
        try await eventually("the process ends") {
            self.process.isRunning ? nil : self.process.terminationStatus
        }
    }

    /// The port, once the node serves.
    func port() async throws -> UInt16 {
        try await eventually("the node serves") {
            try #require(self.process.isRunning, "ended: \(self.errors)")
            for line in self.errors.split(separator: "\n") where line.contains("\"Serving\"") {
                let object = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
                if let address = object?["address"] as? String {
                    return UInt16(address.split(separator: ":").last ?? "")
                }
            }
            return nil
        }
    }

    /// The process id of its private Redis, as that says itself.
    func redisPID() async throws -> pid_t {
        try await eventually("Redis answers") {
            let path = "\(self.dataFolder)/redis.sock"
            let info = try await LocalSocket.aside {
                try LocalSocket(path: path)?.exchange("INFO server\r\n", until: "process_id:", and: "\r\n")
                    ?? ""
            }
            let line = info.split(separator: "\r\n").first { $0.hasPrefix("process_id:") }
            return line.flatMap { pid_t($0.dropFirst("process_id:".count)) }
        }
    }
}

/// Waits for a value; for conditions that are bound to come true, however slow the machine is.
func eventually<Value>(_ what: String, _ value: () async throws -> Value?) async throws -> Value {
    let deadline = ContinuousClock.now + .seconds(90)
    while true {
        if let value = try await value() { return value }
        try #require(ContinuousClock.now < deadline, "waited 90 s: \(what)")
        try await Task.sleep(for: .milliseconds(5))
    }
}
