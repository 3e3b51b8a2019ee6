import SessionCore
import SessionStore
import StoreTestSupport
import Testing

@Suite struct WebhookStoreTests {
    @Test func positionsAdvanceByCompareAndSet() async throws {
        try await StoreBench.run { bench in
            let store = bench.store
            let none = try await store.webhooks()
            #expect(none.isEmpty)
            let first = StoredWebhook(
                position: AuditPosition(milliseconds: 5, sequence: 1),
                status: #"{"a": "b c"}"#
            )
            let second = StoredWebhook(position: AuditPosition(milliseconds: 6, sequence: 0), status: "{}")
            #expect(try await store.advanceWebhook("shop", from: nil, to: first))
            // Whoever thinks that nothing is there, or something else, has been overtaken.
            #expect(try await !store.advanceWebhook("shop", from: nil, to: second))
            #expect(try await !store.advanceWebhook("shop", from: second.position, to: second))
            #expect(try await store.webhooks() == ["shop": first])
            #expect(try await store.advanceWebhook("shop", from: first.position, to: second))
            #expect(try await store.advanceWebhook("other", from: nil, to: first))
            #expect(try await store.webhooks() == ["shop": second, "other": first])
        }
    }
}
