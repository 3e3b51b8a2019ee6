import GatewayAPI
import HTTPTypes
import SessionCore
import SessionGateway

/// Whose sessions an administrator may see and end.
enum AdministratorReach: Sendable, Equatable {
    case everything
    /// Those of one organization, compared as bytes.
    case organization(String)
}

extension RouteCall {
    /// Whose sessions the caller administers. Routes for administrators are called only with one.
    func reach() throws(Problem) -> AdministratorReach {
        guard let reach = self.front.reach(of: self.caller) else {
            throw Problem(.forbidden, .forbidden, "Administrators only")
        }
        return reach
    }

    /// Ends one session that the caller administers. Another organization's looks like one that never was: whose it is,
    /// the store judges at the moment when it ends.
    func endAdministered(_ id: SessionID, _ ending: Ending) async throws -> ReceiptJSON {
        let receipt: RevocationReceipt =
            switch try self.reach() {
            case .everything: try await self.gateway.end(id, ending)
            case .organization(let name): try await self.gateway.end(id, ending, onlyIn: name)
            }
        return ReceiptJSON(receipt, endsOwn: id == self.caller.session?.id && receipt.ended > 0)
    }

    /// Whether a filter means the session that the caller asked with.
    func includesOwn(_ filter: SessionFilter) async throws -> Bool {
        guard let own = self.caller.session, let overview = try await self.gateway.session(own.id) else {
            return false
        }
        return filter.matches(overview)
    }
}

extension AdministratorReach {
    /// The part of a filter that the administrator may see and end.
    /// - Throws: ``Problem`` 403 when the filter names another organization.
    func narrowed(_ filter: SessionFilter) throws(Problem) -> SessionFilter {
        guard case .organization(let name) = self else { return filter }
        if let asked = filter.organization, !asked.utf8.elementsEqual(name.utf8) {
            throw Problem(.forbidden, .forbidden, "Not an administrator of this organization", field: "org")
        }
        var narrowed = filter
        narrowed.organization = name
        return narrowed
    }

    /// Whether a session is among those that the administrator may see.
    func includes(_ session: LiveSession) -> Bool {
        switch self {
        case .everything: true
        case .organization(let name): session.organization?.utf8.elementsEqual(name.utf8) ?? false
        }
    }

    /// What has to be typed to end all that the administrator may end.
    var confirmation: String {
        switch self {
        case .everything: "everyone"
        case .organization(let name): name
        }
    }
}

extension ReceiptJSON {
    /// A receipt on the wire, with a warning when the caller's own session has ended by it.
    init(_ receipt: RevocationReceipt, endsOwn: Bool) {
        self.init(receipt)
        if endsOwn { self.warning = "This has ended your own session" }
    }
}
