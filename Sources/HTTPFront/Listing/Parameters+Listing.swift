import GatewayAPI
import SessionCore

extension [Route.Parameter] {
    /// Which part of a list is asked for.
    static let page: [Route.Parameter] = [
        .query("limit", .integer(1...200)), .query("offset", .integer(0...100_000)),
        .query("cursor", .cursor.note("A nextCursor; not together with offset.")),
        .query(
            "sort",
            .choice(SessionColumn.allCases.flatMap { ["-\($0.rawValue)", $0.rawValue] }).note(
                "Newest first by default. Other columns than created: of the 10,000 newest sessions, and without "
                    + "cursor."
            )
        ),
        .query("status", Self.statuses.note("Active sessions by default.")),
        .query("includeEnded", .boolean.note("Every status; not together with status.")),
    ]

    /// Which sessions of a user are meant.
    static let filter: [Route.Parameter] = [
        .query("org", .name), .query("loginMethod", .name),
        .query("ip", .string().note("An address, or a block such as 192.0.2.0/24.")),
        .query("since", .time.note("Created at this time or later.")),
        .query("until", .time.note("Created before this time.")),
        .query(
            "search",
            .name.note(
                "In user, display name, e-mail, address, session name, user agent, country, city or ISP; any case."
            )
        ),
        .query("country", .string(pattern: "^[A-Z]{2}$").note("ISO 3166-1 alpha-2.")),
        .query(
            "device",
            .string(pattern: Self.anyCase(Device.Kind.allCases.map(\.rawValue) + ["mobile"])).note(
                "The kind of device that the user agent names, in any case: "
                    + Device.Kind.allCases.map(\.rawValue).joined(separator: ", ") + "."
            )
        ),
        .query("browser", .name.note("Such as Firefox; any case.")),
        .query("os", .name.note("Such as Windows or iOS; any case.")),
    ]

    /// Which sessions of which user are meant.
    static let userFilter: [Route.Parameter] = [.query("userId", .name)] + Self.filter

    /// One of some words, in small or capital letters.
    private static func anyCase(_ words: [String]) -> String {
        let patterns = words.map { word in
            word.map { "[\($0.lowercased())\($0.uppercased())]" }.joined()
        }
        return "^(\(patterns.joined(separator: "|")))$"
    }

    /// One status or several, with commas.
    private static let statuses = Schema.commaList(SessionStatus.allCases.map(\.description))
}
