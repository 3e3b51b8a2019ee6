#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// What became of an attempt.
package enum DeliveryOutcome: Sendable, Equatable {
    /// The receiver has it.
    case delivered
    /// The receiver will never take it: to try again would be the same again.
    case refused(String)
    /// Not this time. Why, in words that hold nothing of what was sent or answered but codes.
    case failed(String)

    /// What an answer means.
    /// - Parameter body: its beginning.
    package init(_ format: WebhookReceiver.Format, status: Int, body: [UInt8]) {
        switch (format, status) {
        case (_, 200..<300): self = .delivered
        // A redirect is somewhere that nobody has allowed.
        case (_, 300..<400): self = .failed("status \(status): redirects are not followed")
        // Back-Channel Logout 2.8: the request was not valid, or the logout failed for good.
        case (.backchannelLogout, 400): self = .refused("status 400\(Self.code(in: body, "error"))")
        case (.caep, 400):
            // RFC 8935 2.4: only of these does the same token stay wrong; for others keys or rights have to be set.
            let code = Self.code(in: body, "err")
            self =
                code == ": invalid_request" ? .refused("status 400\(code)") : .failed("status 400\(code)")
        case (_, let status): self = .failed("status \(status)")
        }
    }

    /// An error code out of a JSON object, if it looks like one.
    private static func code(in body: [UInt8], _ member: String) -> String {
        guard let object = try? JSONDecoder().decode([String: Text].self, from: Data(body)),
            let code = object[member]?.value, (1...40).contains(code.utf8.count),
            code.utf8.allSatisfy({
                (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0) || $0 == UInt8(ascii: "_")
            })
        else { return "" }
        return ": \(code)"
    }

    /// A member that is a text, or anything else, which does not count.
    private struct Text: Decodable {
        let value: String?

        init(from decoder: any Decoder) throws {
            self.value = try? decoder.singleValueContainer().decode(String.self)
        }
    }
}
