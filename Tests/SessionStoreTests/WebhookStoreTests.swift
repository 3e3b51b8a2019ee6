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
                position: LogPosition(milliseconds: 5, sequence: 1),
                status: #"{"a": "b c"}"#
            )
            let second = StoredWebhook(position: LogPosition(milliseconds: 6, sequence: 0), status: "{}")
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

    @Test func oneNodeAtATimeDelivers() async throws {
        try await StoreBench.run { bench in
            let store = bench.store
            let (one, two) = (NodeID(), NodeID())
            #expect(try await store.takeWebhookLease(one, length: .seconds(60)))
            #expect(try await !store.takeWebhookLease(two, length: .seconds(60)))
            #expect(try await store.takeWebhookLease(one, length: .seconds(60)), "renewed")
            try await store.dropWebhookLease(two)
            #expect(try await !store.takeWebhookLease(two, length: .seconds(60)), "not his to give up")
            try await store.dropWebhookLease(one)
            #expect(try await store.takeWebhookLease(two, length: .milliseconds(20)))
            // It runs out by itself.
            while try await !store.takeWebhookLease(one, length: .seconds(60)) {
                try await Task.sleep(for: .milliseconds(5))
            }
        }
    }
}
