import Foundation

/// A TCP port of 127.0.0.1 that was free a moment ago.
package func freePort() throws -> Int {
    let descriptor = socket(AF_INET, streamType, 0)
    guard descriptor >= 0 else { throw POSIXError(.EMFILE) }
    defer { close(descriptor) }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = in_addr_t(0x7f00_0001).bigEndian
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let failed = withUnsafeMutablePointer(to: &address) { pointer in
        pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
            bind(descriptor, $0, length) != 0 || getsockname(descriptor, $0, &length) != 0
        }
    }
    guard !failed else { throw POSIXError(.EADDRINUSE) }
    return Int(UInt16(bigEndian: address.sin_port))
}

/// Sends a text to a unix socket and gives the first bytes of the answer; nil when nobody answers within a second.
package func unixSocketExchange(_ path: String, _ request: String) -> String? {
    let descriptor = socket(AF_UNIX, streamType, 0)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    var limit = timeval(tv_sec: 1, tv_usec: 0)
    setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    let fits = withUnsafeMutableBytes(of: &address.sun_path) { place in
        guard path.utf8.count < place.count else { return false }
        place.copyBytes(from: path.utf8)
        return true
    }
    guard fits else { return nil }
    let connected = withUnsafePointer(to: &address) { pointer in
        pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
            connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size)) == 0
        }
    }
    let bytes = Array(request.utf8)
    guard connected, write(descriptor, bytes, bytes.count) == bytes.count else { return nil }
    var answer = [UInt8](repeating: 0, count: 4096)
    let count = read(descriptor, &answer, answer.count)
    return count > 0 ? String(decoding: answer.prefix(count), as: UTF8.self) : nil
}

#if canImport(Glibc)
    private let streamType = Int32(SOCK_STREAM.rawValue)
#else
    private let streamType = SOCK_STREAM
#endif

/// send(2) that reports a closed peer instead of raising SIGPIPE; also where a type has a `send` of its own.
func systemSend(_ descriptor: Int32, _ bytes: UnsafeRawPointer?, _ count: Int, _ flags: Int32) -> Int {
    send(descriptor, bytes, count, flags)
}
