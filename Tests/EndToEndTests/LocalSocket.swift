import APIValidation
import Foundation
import TestSupport
import Testing

/// A blocking connection on this machine.
final class LocalSocket: Sendable {
    /// What went wrong, for the test's report.
    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    private let descriptor: Int32

    /// Connects to a unix socket; `nil` when nothing is there.
    init?(path: String) {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let bytes = Array(path.utf8)
        guard bytes.count < MemoryLayout.size(ofValue: address.sun_path) else { return nil }
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
        guard let descriptor = Self.connect(AF_UNIX, &address) else { return nil }
        self.descriptor = descriptor
    }

    /// Connects to a port of 127.0.0.1; `nil` when nothing listens.
    init?(port: UInt16) {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        guard let descriptor = Self.connect(AF_INET, &address) else { return nil }
        self.descriptor = descriptor
    }

    deinit { close(self.descriptor) }

    private static func connect<Address>(_ family: Int32, _ address: inout Address) -> Int32? {
        let descriptor = socket(family, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { return nil }
        var patience = timeval(tv_sec: 60, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
        let size = socklen_t(MemoryLayout<Address>.size)
        let result = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { Foundation.connect(descriptor, $0, size) }
        }
        guard result == 0 else {
            close(descriptor)
            return nil
        }
        return descriptor
    }

    func send(_ text: String) throws {
        let bytes = Array(text.utf8)
        guard Foundation.send(self.descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL)) == bytes.count else {
            throw Failure(description: "cannot send: \(String(cString: strerror(errno)))")
        }
    }

    /// Reads until the other side closes, or until `first` and, after it, `second` have come.
    func read(until first: String? = nil, and second: String = "") throws -> String {
        var text = ""
        var buffer = [UInt8](repeating: 0, count: 4096)
        while true {
            if let first, let found = text.range(of: first), text[found.upperBound...].contains(second) {
                return text
            }
            let count = recv(self.descriptor, &buffer, buffer.count, 0)
            guard count >= 0 else {
                throw Failure(description: "cannot read: \(String(cString: strerror(errno)))")
            }
            if count == 0 { return text }
            text += String(decoding: buffer.prefix(count), as: UTF8.self)
        }
    }

    func exchange(_ text: String, until first: String? = nil, and second: String = "") throws -> String {
        try self.send(text)
        return try self.read(until: first, and: second)
    }

    /// Does what blocks on a thread of its own, so that it keeps no other test from going on.
    static func aside<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws -> Value {
        try await withCheckedThrowingContinuation { continuation in
            Thread.detachNewThread { continuation.resume(with: Result(catching: body)) }
        }
    }

    /// One HTTP request on a connection of its own; the answer is compared with the OpenAPI document.
    /// - Returns: status 0 when nothing listens.
    static func http(
        _ method: String,
        _ path: String,
        port: UInt16,
        bearer: String? = nil,
        body: String? = nil
    ) async throws -> (status: Int, body: String) {
        var request = "\(method) \(path) HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n"
        if let bearer { request += "Authorization: Bearer \(bearer)\r\n" }
        if let body { request += "Content-Type: application/json\r\nContent-Length: \(body.utf8.count)\r\n" }
        let text = request + "\r\n" + (body ?? "")
        let answer = try await Self.aside { try LocalSocket(port: port)?.exchange(text) ?? "" }
        guard let response = RawResponse.parse(Array(answer.utf8)).first else { return (0, "") }
        DocumentValidator.ours.expect(method, path, response)
        return (response.status, response.body)
    }
}
