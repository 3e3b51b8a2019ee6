import GatewayAPI
import SessionCore
import SessionGateway

extension Query {
    /// The parameters that say which sessions are meant, for lists and for ending many.
    static let filterNames: Set<String> = ["userId", "org", "ip", "since", "until", "loginMethod", "search"]
    /// The parameters that say which page of a list.
    static let pageNames: Set<String> = ["limit", "offset", "cursor", "sort", "status", "includeEnded"]

    /// Which active sessions are meant.
    /// - Throws: ``Problem`` 400 that names the parameter. An empty one is refused too: it must not widen a filter.
    func sessionFilter() throws(Problem) -> SessionFilter {
        var filter = SessionFilter()
        if let text = self["userId"] {
            do { filter.user = try UserID(text) } catch { throw .badParameter("userId", error.reason) }
        }
        filter.organization = try self.name("org")
        filter.loginMethod = try self.name("loginMethod")
        filter.search = try self.name("search").map { SearchText($0) }
        if let text = self["ip"] {
            guard let network = IPNetwork(text) else {
                throw .badParameter(
                    "ip",
                    "must be an address or a block such as 192.0.2.0/24 or 2001:db8::/32"
                )
            }
            filter.network = network
        }
        filter.since = try self.time("since")
        filter.until = try self.time("until")
        if let since = filter.since, let until = filter.until, until <= since {
            throw .badParameter("until", "must be later than since")
        }
        return filter
    }

    /// Which page is asked for.
    /// - Throws: ``Problem`` 400 that names the parameter.
    func listRequest(_ filter: SessionFilter) throws(Problem) -> SessionListRequest {
        var request = SessionListRequest()
        request.filter = filter
        request.filter.statuses = try self.statuses()
        request.limit = try self.integer("limit", in: 1...200, default: 10)
        request.offset = try self.integer("offset", in: 0...100_000, default: 0)
        switch self["sort"] {
        case nil, "-created": request.isAscending = false
        case "created": request.isAscending = true
        default: throw .badParameter("sort", "must be -created (newest first) or created (oldest first)")
        }
        if let text = self["cursor"] {
            guard let cursor = ListCursor(text) else {
                throw .badParameter("cursor", "must be a nextCursor of this list")
            }
            request.cursor = cursor
        }
        do { try request.validate() } catch { throw .badParameter(error.field, error.reason) }
        return request
    }

    private func statuses() throws(Problem) -> Set<SessionStatus> {
        let includesEnded = try self.flag("includeEnded")
        guard let text = self["status"] else { return includesEnded ? SessionFilter.everyStatus : [.active] }
        guard !includesEnded else { throw .badParameter("status", "must not be given with includeEnded") }
        var statuses: Set<SessionStatus> = []
        for name in text.split(separator: ",", omittingEmptySubsequences: false) {
            guard let status = SessionStatus(name) else {
                let names = SessionStatus.allCases.map(\.description).joined(separator: ", ")
                throw .badParameter("status", "must be one or several, with commas, of \(names)")
            }
            statuses.insert(status)
        }
        return statuses
    }

    func name(_ parameter: String) throws(Problem) -> String? {
        guard let text = self[parameter] else { return nil }
        do {
            return try InputRules.name(text, field: parameter)
        } catch {
            throw .badParameter(parameter, error.reason)
        }
    }

    func time(_ parameter: String) throws(Problem) -> Timestamp? {
        guard let text = self[parameter] else { return nil }
        guard let time = WireTime(text) else {
            throw .badParameter(parameter, "must be a time of RFC 3339, as in 2027-03-01T12:00:00Z")
        }
        return Timestamp(milliseconds: time.milliseconds)
    }
}
