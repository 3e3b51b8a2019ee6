import GatewayAPI
import HTTPTypes
import Hummingbird
import SessionCore
import SessionGateway

extension Routes {
    /// What has happened, and whether that has been tampered with.
    static let audit: [Route] = [
        Route(
            .get,
            "/api/admin/audit",
            .administrator,
            id: "listAuditEntries",
            "The audit log, newest first, by filters, search and pages; as JSON, JSON Lines or CSV.",
            parameters: [
                .query("kind", .kinds), .query("user", .name), .query("actor", .name),
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
                    "A page of the audit log; in the other forms X-Next-Cursor is the cursor of the next page.",
                    .json(AuditPageJSON.self),
                    headers: ["X-Next-Cursor?"],
                    others: [.text("application/jsonl"), .text("text/csv")]
                )
            ],
            handle: showAudit
        ),
        Route(
            .get,
            "/api/admin/audit/verification",
            .administrator,
            id: "verifyAuditLog",
            "Walks along the audit log's hash chain, 10,000 entries a call, from the oldest kept.",
            parameters: [.query("cursor", .position.note("A nextCursor."))],
            answers: [.answer(200, "How far the chain holds.", .json(AuditVerificationJSON.self))],
            handle: verifyAudit
        ),
    ]

    private static func showAudit(_ call: RouteCall) async throws -> Response {
        let query = try call.query
        let filter = try query.auditFilter()
        let limit = try query.integer("limit", in: 1...1000, default: 50)
        let cursor = try query.position("cursor")
        let format = query["format"] ?? "json"
        guard ["json", "jsonl", "csv"].contains(format) else {
            throw Problem.badParameter("format", "must be json, jsonl or csv")
        }
        let page = try await call.gateway.audit(filter, before: cursor, limit: limit)
        let entries = page.entries.map { AuditEntryJSON($0) }
        var response: Response
        switch format {
        case "csv":
            response = .text(AuditCSV.text(entries), type: "text/csv; charset=utf-8; header=present")
            response.headers[.contentDisposition] = #"attachment; filename="audit.csv""#
        case "jsonl": response = .jsonLines(entries)
        default:
            return .json(
                AuditPageJSON(
                    entries: entries,
                    nextCursor: page.next?.description,
                    partial: page.isPartial
                )
            )
        }
        // Neither form has a place for it.
        if let next = page.next, let name = HTTPField.Name("X-Next-Cursor") {
            response.headers[name] = next.description
        }
        return response
    }

    private static func verifyAudit(_ call: RouteCall) async throws -> Response {
        let cursor = try call.query.position("cursor")
        let found = try await call.gateway.verifyAudit(from: cursor)
        return .json(
            AuditVerificationJSON(
                holds: found.fault == nil,
                checked: found.checked,
                total: found.total,
                head: found.head.isEmpty ? nil : found.head,
                nextCursor: found.next?.description,
                fault: found.fault.map { .init(position: $0.position.description, problem: $0.kind.rawValue) }
            )
        )
    }
}

extension Query {
    /// Which entries of the audit log are meant.
    /// - Throws: ``Problem`` 400 that names the parameter.
    func auditFilter() throws(Problem) -> AuditFilter {
        var filter = AuditFilter()
        for name in (self["kind"] ?? "").split(separator: ",", omittingEmptySubsequences: false)
        where self["kind"] != nil {
            guard let kind = EventKind(rawValue: String(name)) else {
                let names = EventKind.allCases.map(\.rawValue).joined(separator: ", ")
                throw .badParameter("kind", "must be one or several, with commas, of \(names)")
            }
            filter.kinds.insert(kind)
        }
        filter.user = try self.name("user")
        filter.actor = try self.name("actor")
        filter.organization = try self.name("org")
        filter.search = try self.name("search").map { SearchText($0) }
        if let text = self["session"] {
            guard let session = SessionID(text) else {
                throw .badParameter("session", "must be a session id, 20 hexadecimal digits")
            }
            filter.session = session
        }
        filter.since = try self.time("since")
        filter.until = try self.time("until")
        if let since = filter.since, let until = filter.until, until <= since {
            throw .badParameter("until", "must be later than since")
        }
        return filter
    }

    /// A place in the log.
    func position(_ parameter: String) throws(Problem) -> AuditPosition? {
        guard let text = self[parameter] else { return nil }
        guard let position = AuditPosition(text) else {
            throw .badParameter(parameter, "must be a nextCursor of this list")
        }
        return position
    }
}

extension AuditEntryJSON {
    /// An entry on the wire. What is empty is left out.
    init(_ entry: AuditEntry) {
        func known(_ text: String) -> String? { text.isEmpty ? nil : text }
        self.init(position: entry.position.description, at: entry.at.wire, kind: entry.kind, hash: entry.hash)
        self.session = entry.session?.description
        self.user = known(entry.user)
        self.organization = known(entry.organization)
        self.actor = known(entry.actor)
        self.reason = known(entry.reason)
        self.from = known(entry.from)
        self.call = known(entry.call)
        self.code = known(entry.code)
        self.count = entry.count == 1 ? nil : entry.count
    }
}
