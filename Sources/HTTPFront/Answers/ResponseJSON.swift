import HTTPTypes
import Hummingbird
import NIOCore

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

extension Response {
    /// An answer in JSON that nobody may store.
    static func json(_ value: some Encodable, status: HTTPResponse.Status = .ok) -> Response {
        .json(bytes: Self.jsonBytes(value), status: status)
    }

    /// A value as JSON.
    static func jsonBytes(_ value: some Encodable) -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        // Encoding fails only for numbers that are not finite; our types have none.
        return Array((try? encoder.encode(value)) ?? Data())
    }

    /// An answer that is JSON text already.
    static func json(bytes: [UInt8], status: HTTPResponse.Status = .ok) -> Response {
        Response(
            status: status,
            headers: [.contentType: "application/json", .cacheControl: "no-store"],
            body: .init(byteBuffer: ByteBuffer(bytes: bytes))
        )
    }

    /// An answer of plain text.
    static func text(_ text: String, type: String) -> Response {
        Response(
            status: .ok,
            headers: [.contentType: type, .cacheControl: "no-store"],
            body: .init(byteBuffer: ByteBuffer(string: text))
        )
    }
}

extension Response {
    /// JSON objects, one a line.
    static let jsonLinesType = "application/jsonl"

    /// A line of JSON Lines.
    static func jsonLine(_ value: some Encodable) -> [UInt8] {
        Self.jsonBytes(value) + [UInt8(ascii: "\n")]
    }

    /// An answer of JSON objects, one a line (JSON Lines).
    static func jsonLines(_ values: [some Encodable]) -> Response {
        Response(
            status: .ok,
            headers: [.contentType: Self.jsonLinesType, .cacheControl: "no-store"],
            body: .init(byteBuffer: ByteBuffer(bytes: values.flatMap { Self.jsonLine($0) }))
        )
    }

    /// An answer whose lines come one after the other, as they are made.
    static func jsonLines(streaming lines: AsyncStream<some Encodable & Sendable>) -> Response {
        Response(
            status: .ok,
            headers: [.contentType: Self.jsonLinesType, .cacheControl: "no-store"],
            body: ResponseBody { writer in
                for await line in lines { try await writer.write(ByteBuffer(bytes: Self.jsonLine(line))) }
                try await writer.finish(nil)
            }
        )
    }
}
