import Foundation

/// A node's own folder: a private Redis's files and generated secrets. One process at a time.
///
/// The lock is on the open file, which the private Redis inherits. So it lasts until *both* are gone: a Redis that
/// is still writing its file after its parent was killed keeps the next one out.
final class DataDirectory: Sendable {
    let path: String
    /// The descriptor that holds the lock.
    let lock: Int32

    /// Makes the folder, mode 0700, if it is not there, and locks it.
    /// - Parameters:
    ///   - path: relative to the working directory unless it begins with a slash. The private Redis works in the folder
    ///     itself, so only the whole path means the same to both.
    ///   - patience: how long to wait for the previous holder to finish.
    /// - Throws: ``StartError``.
    init(path: String, patience: Duration = .seconds(5)) async throws {
        let path =
            path.hasPrefix("/") ? path : "\(FileManager.default.currentDirectoryPath)/\(path)"
        do {
            try FileManager.default.createDirectory(
                atPath: path,
                withIntermediateDirectories: true,
                attributes: [.posixPermissions: 0o700]
            )
        } catch {
            throw StartError.unusable("cannot make the data folder '\(path)': \(error.localizedDescription)")
        }
        self.path = path
        let lock = open("\(path)/lock", O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard lock >= 0 else {
            throw StartError.unusable("cannot write in the data folder '\(path)': \(SystemError.last)")
        }
        self.lock = lock
        let deadline = ContinuousClock.now + patience
        while flock(lock, LOCK_EX | LOCK_NB) != 0 {
            guard ContinuousClock.now < deadline else {
                throw StartError.unusable(
                    "the data folder '\(path)' is in use by another portcullis; nodes that belong together share "
                        + "one Redis (--redis-url), others need a folder each (--data-dir)"
                )
            }
            try await Task.sleep(for: .milliseconds(20))
        }
    }

    deinit { close(self.lock) }

    /// The text of a file, or what `make` returns, written with mode 0600 before it is returned.
    /// - Throws: ``StartError``.
    func text(of name: String, orMake make: () -> String) throws -> String {
        let file = "\(self.path)/\(name)"
        if let data = FileManager.default.contents(atPath: file) {
            return String(decoding: data, as: UTF8.self).trimmed
        }
        let text = make()
        // Whole or not at all: a crash must not leave half a secret under the name.
        let draft = "\(file).new"
        unlink(draft)
        let descriptor = open(draft, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            throw StartError.unusable("cannot write '\(draft)': \(SystemError.last)")
        }
        defer { close(descriptor) }
        let bytes = Array("\(text)\n".utf8)
        let count = bytes.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
        guard count == bytes.count, fsync(descriptor) == 0, rename(draft, file) == 0 else {
            throw StartError.unusable("cannot write '\(file)': \(SystemError.last)")
        }
        return text
    }
}

/// Why a node cannot start, in words for the operator.
enum StartError: Error, CustomStringConvertible {
    /// Something that is needed is missing or taken; exit code `EX_UNAVAILABLE` of `sysexits.h`.
    case unusable(String)

    static let exitCode: Int32 = 69

    var description: String {
        switch self {
        case .unusable(let sentence): PlainText.escaped(sentence)
        }
    }
}

/// The words for `errno`.
enum SystemError {
    static var last: String { self.text(errno) }

    static func text(_ code: Int32) -> String { String(cString: strerror(code)) }
}
