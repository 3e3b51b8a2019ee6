import GatewayAPI
import HTTPTypes
import Hummingbird
import NIOCore

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// A request body that has been examined, and decoded on demand.
struct JSONBody: Sendable {
    /// Longest body in general, in bytes.
    static let maximumBytes = 64 * 1024

    /// The text as it came.
    let bytes: [UInt8]
    private let members: [String: Range<Int>]?

    /// Reads the body of a request.
    /// - Throws: ``Problem`` 415 for another type than `application/json`, 413 when it is longer than `limit`,
    ///   400 when it is not JSON or ambiguous JSON (see ``JSONScanner/scan(_:refusesEquivalents:)``).
    init(
        of request: Request,
        limit: Int = Self.maximumBytes,
        refusesEquivalents: Bool = false
    ) async throws {
        guard Self.isJSON(request.headers[.contentType]) else {
            throw Problem(
                .unsupportedMediaType,
                .unsupportedMediaType,
                "Content-Type must be application/json"
            )
        }
        if let length = request.headers[.contentLength].flatMap({ Int($0) }), length > limit {
            throw Problem.tooLarge
        }
        let buffer = try await request.body.collect(upTo: limit)
        self.bytes = Array(buffer.readableBytesView)
        do {
            self.members = try JSONScanner.scan(self.bytes, refusesEquivalents: refusesEquivalents)
        } catch {
            throw Problem(.badRequest, .invalidJSON, "The body \(error.rawValue)")
        }
    }

    /// Decodes the object.
    /// - Throws: ``Problem`` 422 that names the field that is unknown, missing or of the wrong type.
    func decode<Body: RequestBodyJSON>(_ type: Body.Type = Body.self) throws -> Body {
        guard let members else {
            throw Problem(.unprocessableContent, .invalidBody, "The body must be a JSON object")
        }
        if let unknown = members.keys.filter({ !Body.fields.contains($0) }).min() {
            throw Problem.badField(Problem.repeatable(unknown), "is not a field of this request")
        }
        do {
            return try JSONDecoder().decode(type, from: Data(self.bytes))
        } catch let error as DecodingError {
            throw Self.problem(error)
        }
    }

    /// The text of a member's value, as it came; `nil` when there is no such member or it is `null`.
    func text(of member: String) -> String? {
        guard let range = self.members?[member] else { return nil }
        let text = String(decoding: self.bytes[range], as: UTF8.self)
        return text == "null" ? nil : text
    }

    private static func isJSON(_ type: String?) -> Bool {
        guard let type else { return false }
        let essence = type.split(separator: ";", maxSplits: 1, omittingEmptySubsequences: false)[0]
        return essence.lowercased().filter { $0 != " " && $0 != "\t" } == "application/json"
    }

    private static func problem(_ error: DecodingError) -> Problem {
        func name(_ path: [any CodingKey]) -> String {
            path.map { $0.intValue.map { "\($0)" } ?? $0.stringValue }.joined(separator: ".")
        }
        switch error {
        case .keyNotFound(let key, let context):
            return .badField(name(context.codingPath + [key]), "is required")
        case .typeMismatch(_, let context), .valueNotFound(_, let context):
            return .badField(name(context.codingPath), "is of the wrong type")
        case .dataCorrupted(let context) where context.codingPath.isEmpty:
            // The decoder does not say which.
            return Problem(
                .unprocessableContent,
                .invalidField,
                "A number is out of range or not a whole one"
            )
        case .dataCorrupted(let context): return .badField(name(context.codingPath), "has a wrong value")
        @unknown default: return Problem(.badRequest, .invalidJSON, "The body cannot be decoded")
        }
    }
}
