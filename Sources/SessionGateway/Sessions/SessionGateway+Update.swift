import Foundation
public import SessionCore
import SessionStore

extension SessionGateway {
    /// Changes a session. Returns after no node answers with the old state.
    /// - Parameter actor: who does it, and `from` what address; for the audit log.
    /// - Throws: ``GatewayError/Code/invalid``, ``GatewayError/Code/notFound``, ``GatewayError/Code/unavailable``,
    ///   ``GatewayError/Code/unconfirmed``.
    public func update(
        _ id: SessionID,
        _ change: SessionChange,
        by actor: String? = nil,
        from: String? = nil
    ) async throws(GatewayError) -> SessionOverview {
        try self.validate(change)
        try await self.learnEpochWithoutLease()
        let (isFound, _) = try await self.broadcast { origin async throws(StoreError) in
            try await self.store.update(
                id,
                change.order,
                by: actor,
                from: from,
                epoch: self.clock.epoch,
                origin: origin
            )
        } apply: {
            guard $0 else { return false }
            self.coherence.changed([id])
            return change.changesRecord
        }
        guard isFound, let session = try await self.session(id) else { throw .notFound }
        return session
    }

    /// The session's document; `nil` when it has none.
    /// - Throws: ``GatewayError/Code/notFound`` when there is no such session.
    public func data(of id: SessionID) async throws(GatewayError) -> SessionData? {
        try await self.learnEpochWithoutLease()
        let found = try await self.asking { store async throws(StoreError) in
            try await store.data(of: id, epoch: self.clock.epoch)
        }
        switch found {
        case .none: throw .notFound
        case .some(.none): return nil
        case .some(.some(let document)): return SessionData(version: document.version, json: document.json)
        }
    }

    /// Writes the session's document.
    /// - Parameters:
    ///   - json: a JSON object of at most 8 KiB.
    ///   - version: only if the document is at this version; 0 is "there is none yet"; `nil` is whatever there is.
    /// - Returns: the new version.
    /// - Throws: ``GatewayError/Code/conflict`` when it is at another version, and the others.
    public func setData(
        _ json: String,
        of id: SessionID,
        expecting version: Int?
    ) async throws(GatewayError) -> Int {
        guard json.utf8.count <= NewSession.maximumDataBytes else {
            throw .invalid(
                InputError(field: "data", reason: "must be at most \(NewSession.maximumDataBytes) bytes")
            )
        }
        guard let value = try? JSONSerialization.jsonObject(with: Data(json.utf8)), value is [String: Any]
        else {
            throw .invalid(InputError(field: "data", reason: "must be a JSON object"))
        }
        try await self.learnEpochWithoutLease()
        let written = try await self.reading { store async throws(StoreError) in
            try await store.setData(json, of: id, expecting: version, epoch: self.clock.epoch)
        }
        switch written {
        case .written(let version): return version
        case .conflict(let present): throw .conflict(present: present)
        case .gone: throw .notFound
        }
    }

    private func validate(_ change: SessionChange) throws(GatewayError) {
        do throws(InputError) {
            if let name = change.sessionName { _ = try InputRules.name(name, field: "sessionName") }
            var probe = NewSession(user: try UserID("probe"))
            probe.organization = change.organization
            probe.roles = change.roles ?? []
            probe.factors = change.factors ?? []
            try probe.validate()
            probe.factors = change.addedFactors ?? []
            try probe.validate()
            if change.factors != nil, change.addedFactors != nil {
                throw InputError(field: "addFactors", reason: "must not be given together with factors")
            }
        } catch {
            throw .invalid(error)
        }
    }
}

extension SessionChange {
    /// Whether the record that checks read is changed, and copies of it go stale.
    var changesRecord: Bool {
        self.roles != nil || self.organization != nil || self.factors != nil || self.addedFactors != nil
            || self.reauthenticated
    }

    var order: UpdateOrder {
        UpdateOrder(
            sessionName: self.sessionName,
            roles: self.roles,
            organization: self.organization,
            factors: self.factors,
            addedFactors: self.addedFactors,
            reauthenticated: self.reauthenticated,
            extend: self.extend
        )
    }
}
