import GatewayAPI
import SessionCore

/// The operations of all routes, by method and path as in the route table; `ANY` for a route of every method.
///
/// A new route needs one entry here and, for each new wire type, a schema in `GatewayAPI/Schemas`. A test names the
/// routes that have none, and every test call compares the answer with what stands here.
package enum Operations {
    /// Every operation.
    package static let all: [String: Operation] = [
        Self.check, Self.oauth, Self.service, Self.own, Self.administration, Self.settings, Self.userRequests,
        Self.operations, Self.activity, Self.statistics, Self.audit, Self.events,
    ].reduce(into: [:]) { $0.merge($1) { first, _ in first } }

    static let operations: [String: Operation] = [
        "GET /health/live": Operation(answers: [.answer(200, "It does.", .json(HealthJSON.self))]),
        "GET /health/ready": Operation(
            answers: [.answer(200, "It can.", .json(HealthJSON.self))],
            problems: [503]
        ),
        "GET /metrics": Operation(answers: [.answer(200, "The figures.", .text("text/plain"))]),
        "GET /openapi.json": Operation(answers: [.answer(200, "The document.", .json(.any))]),
    ]

    static let check: [String: Operation] = [
        "ANY /check": Operation(
            parameters: [
                .query("redirect", .choice(["302", "401"])),
                .query("maxAuthAge", CheckSessionsJSON.maxAuthAge),
                .query(
                    "factor",
                    .string(pattern: "^[^,]{1,64}(,[^,]{1,64})*$").note(
                        "One that the user must have used, or several with commas."
                    )
                ),
            ],
            answers: [
                .answer(204, "The token is good.", headers: Self.identityHeaders),
                .answer(302, "With redirect=302: to the login page.", headers: ["Location"]),
                .answer(
                    403,
                    "The user has to authenticate again (RFC 9470).",
                    .problem,
                    headers: ["WWW-Authenticate"]
                ),
            ],
            problems: [400, 401, 503],
            readsToken: true
        ),
        "ANY /check/envoy/{path*}": Operation(
            answers: [
                .answer(204, "The token is good.", headers: Self.identityHeaders),
                .answer(302, "To the login page.", headers: ["Location"]),
            ],
            problems: [400, 401, 503],
            readsToken: true
        ),
        "POST /api/sessions/check": Operation(
            takes: .json(CheckSessionsJSON.self),
            answers: [
                .answer(
                    200,
                    "What the token, or each of the tokens in their order, is good for.",
                    .json(.oneOf(.of(CheckedTokenJSON.self), .of(CheckedTokensJSON.self)))
                )
            ]
        ),
    ]

    /// Of the default family; see the setting `identity-headers`.
    static let identityHeaders = [
        "X-Session-Id?", "X-Session-User?", "X-Session-Organization?", "X-Session-Roles?",
        "X-Session-Factors?", "X-Session-Expires?", "X-Session-Auth-Time?",
    ]
    /// Who asked for the end of a session may say why.
    static let reason = Operation.Parameter.query("reason", .line(1...256))
    /// Which part of a list is asked for.
    static let page: [Operation.Parameter] = [
        .query("limit", .integer(1...200)), .query("offset", .integer(0...100_000)),
        .query("cursor", .cursor.note("A nextCursor; not together with offset.")),
        .query(
            "sort",
            .choice(SessionColumn.allCases.flatMap { ["-\($0.rawValue)", $0.rawValue] }).note(
                "Newest first unless told otherwise. Other columns than created: of the 10,000 newest sessions, and "
                    + "without cursor."
            )
        ),
        .query("status", Self.statuses.note("Active ones unless told otherwise.")),
        .query("includeEnded", .boolean.note("Every status; not together with status.")),
    ]
    /// Which sessions are meant, beside those of one user.
    static let filter: [Operation.Parameter] = [
        .query("org", .name), .query("loginMethod", .name),
        .query("ip", .string().note("An address, or a block such as 192.0.2.0/24.")),
        .query("since", .time.note("Created then or later.")), .query("until", .time.note("Created before.")),
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
                "What the user agent says it runs on, in any case: "
                    + Device.Kind.allCases.map(\.rawValue).joined(separator: ", ") + "."
            )
        ),
        .query("browser", .name.note("Such as Firefox; any case.")),
        .query("os", .name.note("Such as Windows or iOS; any case.")),
    ]
    /// One of some words, in small or capital letters.
    private static func anyCase(_ words: [String]) -> String {
        let patterns = words.map { word in
            word.map { "[\($0.lowercased())\($0.uppercased())]" }.joined()
        }
        return "^(\(patterns.joined(separator: "|")))$"
    }
    /// One status or several, with commas.
    private static let statuses: Schema = {
        let one = "(" + SessionStatus.allCases.map(\.description).joined(separator: "|") + ")"
        return .string(pattern: "^\(one)(,\(one))*$")
    }()
    static let receipt = Operation.Answer.answer(
        200,
        "The receipt: from now on no node accepts what was ended.",
        .json(ReceiptJSON.self)
    )
}
