import GatewayAPI
import SessionCore
import SessionGateway

extension Query {
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
        if let text = self["country"] {
            do {
                filter.country = try SessionLocation.country(text, field: "country")
            } catch {
                throw .badParameter("country", error.reason)
            }
        }
        filter.device = try self.device()
        filter.browser = try self.name("browser")
        filter.os = try self.name("os")
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
        let sort = self["sort"] ?? "-created"
        request.isAscending = !sort.hasPrefix("-")
        guard let column = SessionColumn(rawValue: String(request.isAscending ? sort[...] : sort.dropFirst()))
        else {
            let names = SessionColumn.allCases.map(\.rawValue).joined(separator: ", ")
            throw .badParameter("sort", "must be one of \(names), with - before it for the largest first")
        }
        request.column = column
        if let text = self["cursor"] {
            guard let cursor = ListCursor(text) else {
                throw .badParameter("cursor", "must be a nextCursor of this list")
            }
            request.cursor = cursor
        }
        do { try request.validate() } catch { throw .badParameter(error.field, error.reason) }
        return request
    }

    /// A kind of machine, in any case. Phones may be called mobile.
    private func device() throws(Problem) -> Device.Kind? {
        guard let text = self["device"]?.lowercased() else { return nil }
        guard let kind = Device.Kind(rawValue: text == "mobile" ? "phone" : text) else {
            let names = Device.Kind.allCases.map(\.rawValue).joined(separator: ", ")
            throw .badParameter("device", "must be one of \(names)")
        }
        return kind
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
}
