import GatewayAPI
import HTTPTypes
import Hummingbird
import NIOCore

/// A body of `application/x-www-form-urlencoded`, as OAuth has it (RFC 6749 appendix B).
struct FormBody: Sendable {
    /// Longest body, in bytes: a JWT of a well-filled session and a client's credentials are below 4 KiB.
    static let maximumBytes = 16 * 1024

    private var values: [String: String] = [:]

    /// Reads the body of a request.
    /// - Throws: ``Problem`` in the form of RFC 6749 5.2: 415 for another type, 413 for a longer body, 400 for what is
    ///   not form-encoded UTF-8 or has a parameter twice (RFC 6749 3.2).
    init(of request: Request) async throws {
        guard Self.isForm(request.headers[values: .contentType]) else {
            throw Problem.oauth(
                .unsupportedMediaType,
                .invalidRequest,
                "Content-Type must be application/x-www-form-urlencoded"
            )
        }
        let tooLarge = Problem.oauth(.contentTooLarge, .invalidRequest, "Request body too large")
        if let length = request.headers[.contentLength].flatMap({ Int($0) }), length > Self.maximumBytes {
            throw tooLarge
        }
        do {
            try self.init(Array(try await request.body.collect(upTo: Self.maximumBytes).readableBytesView))
        } catch is NIOTooManyBytesError {
            throw tooLarge
        }
    }

    /// Reads form-encoded bytes.
    init(_ bytes: [UInt8]) throws(Problem) {
        for pair in bytes.split(separator: UInt8(ascii: "&"), omittingEmptySubsequences: false) {
            if pair.isEmpty, bytes.isEmpty { continue }
            let parts = pair.split(
                separator: UInt8(ascii: "="),
                maxSplits: 1,
                omittingEmptySubsequences: false
            )
            guard parts.count == 2, let name = Query.decode(parts[0]), let value = Query.decode(parts[1]),
                !name.isEmpty
            else { throw .invalidRequest("The body is not form-encoded UTF-8") }
            guard self.values.updateValue(value, forKey: name) == nil else {
                throw .invalidRequest("A parameter is given twice")
            }
        }
    }

    /// The value of a parameter. An empty one counts as left out (RFC 6749 3.2).
    subscript(name: String) -> String? {
        guard let value = self.values[name], !value.isEmpty else { return nil }
        return value
    }

    private static func isForm(_ types: [String]) -> Bool {
        guard types.count == 1, let type = types.first else { return false }
        let parts = type.split(separator: ";", omittingEmptySubsequences: false).map {
            $0.lowercased().filter { $0 != " " && $0 != "\t" }
        }
        return parts.first == "application/x-www-form-urlencoded"
            && parts.dropFirst().allSatisfy {
                $0.isEmpty || $0 == "charset=utf-8" || $0 == "charset=\"utf-8\""
            }
    }
}
