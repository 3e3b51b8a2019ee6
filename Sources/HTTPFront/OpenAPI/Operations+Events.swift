import GatewayAPI
import SessionCore

extension Operations {
    static let events: [String: Operation] = [
        "GET /api/events": Operation(
            parameters: [
                .query("user", .name.note("Only what concerns this user.")),
                .query("org", .name.note("Only what concerns sessions of this organization.")),
                .query("kind", Self.kinds.note("One or several, with commas.")),
                .query("lastEventId", Self.position.note("As Last-Event-ID, which goes before it.")),
                .header("Last-Event-ID", Self.position.note("Go on after it; 0 for all that are kept.")),
            ],
            answers: [
                .answer(
                    200,
                    "Events without end. Each has a position as id, its kind, and an Event as data.",
                    .text("text/event-stream")
                )
            ]
        ),
        "GET /api/admin/webhooks": Operation(answers: [.answer(200, "They.", .json(WebhooksJSON.self))]),
    ]

    private static let position = Schema.string(pattern: "^([0-9]{1,19}-[0-9]{1,19}|0|)$")
    private static let kinds: Schema = {
        let one = "(" + EventKind.allCases.map(\.rawValue).joined(separator: "|") + ")"
        return .string(pattern: "^\(one)(,\(one))*$")
    }()
}
