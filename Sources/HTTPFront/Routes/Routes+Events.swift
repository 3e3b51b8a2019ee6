import GatewayAPI
import HTTPTypes
import Hummingbird
import ServiceKeys
import SessionCore
import SessionGateway

extension Routes {
    /// How others hear of what happens.
    static let events: [Route] = [
        Route(
            .get,
            "/api/events",
            .observer(.check),
            id: "streamEvents",
            "What happens to sessions, as server-sent events; goes on after Last-Event-ID.",
            parameters: [
                .query("user", .name.note("Only what concerns this user.")),
                .query("org", .name.note("Only what concerns sessions of this organization.")),
                .query("kind", .kinds.note("One or several, with commas.")),
                .query("lastEventId", position.note("As Last-Event-ID, which goes before it.")),
                .header("Last-Event-ID", position.note("Go on after it; 0 for all that are kept.")),
            ],
            answers: [
                .answer(
                    200,
                    "Events without end. Each has a position as id, its kind, and an Event as data.",
                    .text("text/event-stream")
                )
            ],
            handle: listen
        ),
        Route(
            .get,
            "/api/admin/webhooks",
            .administrator,
            id: "listWebhooks",
            "The receivers of webhooks and how far each has got.",
            answers: [.answer(200, "The receivers.", .json(WebhooksJSON.self))],
            handle: webhooks
        ),
    ]

    private static let position = Schema.string(pattern: "^([0-9]{1,19}-[0-9]{1,19}|0|)$")

    private static func listen(_ call: RouteCall) async throws -> Response {
        let query = try call.query
        var filter = EventFilter()
        filter.user = try query.name("user")
        if let organization = try query.name("org") { filter.organizations = [Array(organization.utf8)] }
        filter.kinds = try query.eventKinds()
        filter.listener = call.caller.session?.id
        let position = try call.lastEventID(query)
        guard let subscription = try await call.gateway.listen(after: position, filter: filter) else {
            throw Problem(
                .serviceUnavailable,
                .tooManyListeners,
                "As many listeners as this node takes; try another node, or later",
                headers: [.retryAfter: "5"]
            )
        }
        return call.stream(subscription)
    }

    private static func webhooks(_ call: RouteCall) async throws -> Response {
        let receivers = call.front.configuration.webhooks
        guard !receivers.isEmpty else { return .json(WebhooksJSON(webhooks: [])) }
        let states = try await call.gateway.webhooks()
        let last = try await call.gateway.logBounds()?.last
        return .json(
            WebhooksJSON(
                webhooks: receivers.map { receiver in
                    var receiver = receiver
                    if let state = states[receiver.name] { receiver.show(state, last: last) }
                    return receiver
                }
            )
        )
    }
}

extension WebhookJSON {
    fileprivate mutating func show(_ state: WebhookState, last: AuditPosition?) {
        self.position = state.position.description
        // At the start there is no event to count from.
        if let last, state.position > .start {
            self.lagSeconds = Int(
                clamping: last > state.position
                    ? (last.milliseconds - state.position.milliseconds) / 1000 : 0
            )
        }
        self.delivered = state.delivered
        self.failures = state.failures
        self.refused = state.refused
        self.givenUp = state.givenUp
        self.lastDeliveredAt = state.lastDeliveredAt?.wire
        self.failingSince = state.failingSince?.wire
        self.lastError = state.lastError
        self.lastErrorAt = state.lastErrorAt?.wire
    }
}

extension Query {
    /// One kind or several, with commas. A misspelt one is refused: whoever asked would wait for ever.
    fileprivate func eventKinds() throws(Problem) -> Set<String> {
        guard let text = self["kind"] else { return [] }
        var kinds: Set<String> = []
        for name in text.split(separator: ",", omittingEmptySubsequences: false) {
            guard let kind = EventKind(rawValue: String(name)) else {
                let names = EventKind.allCases.map(\.rawValue).joined(separator: ", ")
                throw .badParameter("kind", "must be one or several, with commas, of \(names)")
            }
            kinds.insert(kind.rawValue)
        }
        return kinds
    }
}

extension RouteCall {
    /// The last event that the client knows: in the header, which browsers send when they come back, or else in the
    /// query.
    fileprivate func lastEventID(_ query: Query) throws(Problem) -> AuditPosition? {
        let headers = HTTPField.Name("Last-Event-ID").map { self.request.headers[values: $0] } ?? []
        guard headers.count <= 1 else { throw .badParameter("Last-Event-ID", "must not be given twice") }
        let (name, value) =
            headers.first.map { ("Last-Event-ID", $0) } ?? ("lastEventId", query["lastEventId"])
        // Browsers send no header for an empty id; a client that does knows no event.
        guard let value, !value.isEmpty else { return nil }
        if value == "0" { return .start }
        guard let position = AuditPosition(value) else {
            throw .badParameter(name, "must be the id of an event, or 0 for all that are kept")
        }
        return position
    }
}
