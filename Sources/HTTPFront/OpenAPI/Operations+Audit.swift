import GatewayAPI
import SessionCore

extension Operations {
    static let audit: [String: Operation] = [
        "GET /api/admin/audit": Operation(
            parameters: [
                .query("kind", Self.kinds), .query("user", .name), .query("actor", .name),
                .query("session", .sessionID), .query("org", .name), .query("since", .time),
                .query("until", .time.note("Before this time.")),
                .query("search", .name.note("In user, actor, reason or address; any case.")),
                .query("limit", .integer(1...1000)),
                .query("cursor", .position.note("A nextCursor, with the same filter.")),
                .query("format", .choice(["json", "jsonl", "csv"])),
            ],
            answers: [
                .answer(
                    200,
                    "A page of it; in the other forms X-Next-Cursor is the cursor of the next page.",
                    .json(AuditPageJSON.self),
                    headers: ["X-Next-Cursor?"],
                    others: [.text("application/jsonl"), .text("text/csv")]
                )
            ]
        ),
        "GET /api/admin/audit/verification": Operation(
            parameters: [.query("cursor", .position.note("A nextCursor."))],
            answers: [.answer(200, "How far the chain holds.", .json(AuditVerificationJSON.self))]
        ),
    ]

    /// One kind or several, with commas.
    private static let kinds: Schema = {
        let one = "(" + EventKind.allCases.map(\.rawValue).joined(separator: "|") + ")"
        return .string(pattern: "^\(one)(,\(one))*$")
    }()
}
