import GatewayAPI

extension Operations {
    static let activity: [String: Operation] = [
        "POST /api/sessions/{id}/activity": Operation(
            takes: .json(AddActivityJSON.self),
            answers: [.answer(200, "How many were recorded.", .json(AddedActivityJSON.self))]
        ),
        "GET /api/admin/sessions/{id}/activity": Self.timeline,
        "GET /api/auth/sessions/{id}/activity": Self.timeline,
    ]

    private static let timeline = Operation(
        parameters: [
            .query("limit", .integer(1...200)),
            .query("cursor", Schema.activityCursor.note("A nextCursor.")),
        ],
        answers: [.answer(200, "A page of it.", .json(ActivityPageJSON.self))]
    )
}
