import RedisClient
package import SessionCore

extension RedisSessionStore {
    /// Makes a session, and ends others of the user where the limit asks for it: all in one script, so that
    /// no two logins count the same place (promise R2).
    /// - Parameter origin: names the broadcast that tells of ended sessions.
    package func create(
        _ order: CreateOrder,
        origin: RevocationMessage.Origin?
    ) async throws(StoreError) -> Published<CreateOutcome> {
        var evicted: [SessionID] = []
        // More than once only when a limit is set for somebody who has over 1,000 sessions.
        while true {
            let call = self.calls.create(order, origin: origin, barrier: !evicted.isEmpty)
            let (replies, nodes) = try await self.publishing([call])
            let answer = try replies.value(0, of: "create").answer(of: "create")
            switch answer.first?.string {
            case "ok":
                let created = Timestamp(milliseconds: Int64(try answer.number(1, of: "create")))
                let replaced = try answer.number(2, of: "create") == 1
                let published = try answer.number(3, of: "create") == 1
                evicted += try answer.ids(from: 4, in: order.id.partition, of: "create")
                return Published(
                    .created(
                        order.session(createdAt: created),
                        evicted: evicted,
                        replaced: replaced ? order.replacing : nil
                    ),
                    nodes: published ? nodes : []
                )
            case "more":
                let some = try answer.ids(from: 1, in: order.id.partition, of: "create")
                guard !some.isEmpty else { throw .corrupt("answer of create") }
                evicted += some
            case "limit": return Published(.limitReached(try answer.number(1, of: "create")), nodes: [])
            case "clock":
                let now = Timestamp(milliseconds: Int64(try answer.number(1, of: "create")))
                return Published(.clock(now), nodes: [])
            case "collision": return Published(.collision, nodes: [])
            default: throw .corrupt("answer of create")
            }
        }
    }
}

extension CreateOrder {
    fileprivate func session(createdAt: Timestamp) -> LiveSession {
        LiveSession(
            id: self.id,
            user: self.request.user,
            organization: self.request.organization,
            roles: self.request.roles,
            factors: self.request.factors,
            createdAt: createdAt,
            authenticatedAt: createdAt,
            absoluteDeadline: self.absoluteDeadline,
            idleTimeout: self.idleTimeout,
            epoch: self.epoch,
            isRemembered: self.request.remember
        )
    }
}
