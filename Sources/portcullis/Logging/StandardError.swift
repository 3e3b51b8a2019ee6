import Foundation
import Synchronization

/// Standard error, a whole line at a time.
enum StandardError {
    private static let turn = Mutex<Void>(())

    /// Writes a line and its end. What cannot be written is lost: a log must not stop the service.
    static func write(line: String) {
        let bytes = Array(line.utf8) + [UInt8(ascii: "\n")]
        self.turn.withLock { _ in
            var rest = bytes[...]
            while !rest.isEmpty {
                let count = rest.withUnsafeBytes { Foundation.write(STDERR_FILENO, $0.baseAddress, $0.count) }
                if count > 0 {
                    rest = rest.dropFirst(count)
                } else if errno != EINTR {
                    return
                }
            }
        }
    }
}

/// A reading of the wall clock, for people and log readers; no rule of the gateway depends on it.
struct WallTime: Sendable, CustomStringConvertible {
    /// `YYYY-MM-DD`
    private let date: String
    /// `HH:MM:SS.mmm`
    let timeOfDay: String

    static var now: WallTime {
        let milliseconds = Int(Date().timeIntervalSince1970 * 1000)
        return WallTime(seconds: milliseconds / 1000, milliseconds: milliseconds % 1000)
    }

    /// - Parameter seconds: since 1970.
    init(seconds: Int, milliseconds: Int) {
        var parts = tm()
        var seconds = time_t(seconds)
        gmtime_r(&seconds, &parts)
        let day = [Self.digits(Int(parts.tm_mon) + 1, 2), Self.digits(Int(parts.tm_mday), 2)]
        self.date = ([Self.digits(Int(parts.tm_year) + 1900, 4)] + day).joined(separator: "-")
        let time = [parts.tm_hour, parts.tm_min, parts.tm_sec].map { Self.digits(Int($0), 2) }
        self.timeOfDay = "\(time.joined(separator: ":")).\(Self.digits(milliseconds, 3))"
    }

    /// RFC 3339 in UTC with milliseconds.
    var description: String { "\(self.date)T\(self.timeOfDay)Z" }

    private static func digits(_ number: Int, _ count: Int) -> String {
        let text = String(number)
        return String(repeating: "0", count: max(0, count - text.utf8.count)) + text
    }
}
