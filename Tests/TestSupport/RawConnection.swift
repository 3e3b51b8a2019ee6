import Foundation

/// A TCP connection on which a test sends whatever bytes it likes. Reading waits without holding up a thread,
/// and has a limit.
package final class RawConnection {
    private let descriptor: Int32

    /// Connects to a port of 127.0.0.1.
    package init(port: Int) throws {
        #if canImport(Glibc)
            descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        #else
            descriptor = socket(AF_INET, SOCK_STREAM, 0)
        #endif
        guard descriptor >= 0 else { throw POSIXError(.EMFILE) }
        // A write waits on a thread of the few that all tests share: a peer that does not read must not keep it.
        var patience = timeval(tv_sec: 2, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(UInt16(port).bigEndian)
        address.sin_addr.s_addr = in_addr_t(0x7f00_0001).bigEndian
        let isConnected = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
        guard isConnected else {
            close(descriptor)
            throw POSIXError(.ECONNREFUSED)
        }
    }

    deinit { close(descriptor) }

    /// Writes all of it; false when the peer has closed.
    @discardableResult
    package func write(_ bytes: [UInt8]) -> Bool {
        var sent = 0
        while sent < bytes.count {
            let count = bytes.withUnsafeBytes {
                systemSend(
                    descriptor,
                    $0.baseAddress.map { $0 + sent },
                    bytes.count - sent,
                    Int32(MSG_NOSIGNAL)
                )
            }
            guard count > 0 else { return false }
            sent += count
        }
        return true
    }

    /// Writes a text.
    @discardableResult
    package func write(_ text: String) -> Bool { write(Array(text.utf8)) }

    /// Reads until the peer closes or the limit passes, or until `isEnough`.
    /// - Returns: what came, and whether the peer has closed.
    package func read(
        within limit: Duration,
        until isEnough: ([UInt8]) -> Bool = { _ in false }
    ) async -> (bytes: [UInt8], isClosed: Bool) {
        let deadline = ContinuousClock.now + limit
        var all: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65536)
        while !isEnough(all) {
            var request = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
            guard poll(&request, 1, 0) > 0 else {
                guard ContinuousClock.now < deadline else { return (all, false) }
                try? await Task.sleep(for: .milliseconds(1))
                continue
            }
            let count = recv(descriptor, &buffer, buffer.count, 0)
            guard count > 0 else { return (all, true) }
            all += buffer.prefix(count)
        }
        return (all, false)
    }

    /// Sends a GET without keep-alive and gives the status; nil when nobody answers.
    package static func status(port: Int, path: String, within limit: Duration = .seconds(2)) async -> Int? {
        guard let connection = try? RawConnection(port: port) else { return nil }
        connection.write("GET \(path) HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        return statuses(await connection.read(within: limit).bytes).first
    }

    /// The status codes of the answers that a byte stream holds.
    package static func statuses(_ bytes: [UInt8]) -> [Int] {
        String(decoding: bytes, as: UTF8.self).components(separatedBy: "HTTP/1.1 ").dropFirst()
            .compactMap { Int($0.prefix(3)) }
    }
}
