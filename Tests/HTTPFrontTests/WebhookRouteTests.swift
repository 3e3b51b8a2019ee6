import GatewayAPI
import HTTPFront
import SessionCore
import SessionGateway
import TestSupport
import Testing

@Suite struct WebhookRouteTests {
    private static func shown(_ front: FrontFixture) async throws -> WebhookJSON? {
        let answer = try await front.call(
            "GET",
            "/api/admin/webhooks",
            headers: front.service(front.adminKey)
        )
        return try SessionRouteTests.decode(WebhooksJSON.self, answer).webhooks.first
    }

    /// Before the first event there is none to count from.
    @Test func theLagCountsFromAnEvent() async throws {
        let receiver = WebhookJSON(
            name: "shop",
            origin: "https://shop.example",
            format: "json",
            kinds: [],
            organizations: []
        )
        try await withFront(adjustFront: { $0.webhooks = [receiver] }) { front in
            #expect(try await Self.shown(front) == receiver)
            var state = WebhookState(position: .start)
            #expect(try await front.gateway.advanceWebhook("shop", from: nil, to: state))
            _ = try await front.gateway.create(NewSession(user: try UserID("alice")))
            var last: AuditPosition?
            let isThere = try await becomesTrue {
                last = try await front.gateway.logBounds()?.last
                return last != nil
            }
            let end = try #require(isThere ? last : nil)
            let fresh = try #require(try await Self.shown(front))
            #expect(fresh.position == "0-0" && fresh.lagSeconds == nil)
            state.position = AuditPosition(milliseconds: end.milliseconds - 7000, sequence: 0)
            #expect(try await front.gateway.advanceWebhook("shop", from: .start, to: state))
            #expect(try await Self.shown(front)?.lagSeconds == 7)
            let behind = state.position
            state.position = end
            #expect(try await front.gateway.advanceWebhook("shop", from: behind, to: state))
            #expect(try await Self.shown(front)?.lagSeconds == 0)
        }
    }
}
