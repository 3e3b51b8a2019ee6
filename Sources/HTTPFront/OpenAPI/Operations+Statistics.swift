import GatewayAPI

extension Operations {
    static let statistics: [String: Operation] = [
        "GET /api/admin/stats": Operation(
            answers: [.answer(200, "They.", .json(StatisticsJSON.self))]
        ),
        "POST /api/admin/cleanup": Operation(
            parameters: [.query("verify", .boolean.note("Also compares every index with the sessions."))],
            answers: [.answer(200, "What it did.", .json(CleanupJSON.self))]
        ),
    ]
}
