import GatewayAPI
import SessionCore
import Testing

@testable import HTTPFront

/// WHATWG HTML 9.2.6: how browsers take a stream apart.
@Suite struct ServerSentEventTests {
    private func text(id: String? = nil, kind: String? = nil, data: String? = nil) -> String {
        String(decoding: ServerSentEvent.text(id: id, kind: kind, data: data), as: UTF8.self)
    }

    @Test func fieldsAreLines() {
        #expect(self.text(id: "1-0", kind: "revoked", data: "{}") == "id: 1-0\nevent: revoked\ndata: {}\n\n")
        #expect(self.text(id: "1-0") == "id: 1-0\n\n")
        #expect(self.text(data: "") == "data: \n\n")
        #expect(String(decoding: ServerSentEvent.retry(.seconds(2)), as: UTF8.self) == "retry: 2000\n")
        #expect(String(decoding: ServerSentEvent.comment("beat\r\nx"), as: UTF8.self) == ": beatx\n")
    }

    @Test func noValueBeginsAField() {
        #expect(self.text(data: "a\nb\r\nc\rd\n") == "data: a\ndata: b\ndata: c\ndata: d\ndata: \n\n")
        #expect(self.text(data: "\r\n\r\n\n\r") == "data: \ndata: \ndata: \ndata: \ndata: \n\n")
        #expect(self.text(data: "event: x\nid: 9") == "data: event: x\ndata: id: 9\n\n")
        #expect(self.text(data: "a\u{0}b\u{2028}c") == "data: a\u{0}b\u{2028}c\n\n")
        #expect(self.text(id: "1\n0", kind: "x\ny", data: "z") == "data: z\n\n")
        #expect(self.text(id: "1\u{0}", kind: "x\r", data: "z") == "data: z\n\n")
    }

    @Test func eventsAreJSONOnOneLine() {
        let entry = AuditEntry(
            position: AuditPosition(milliseconds: 5, sequence: 1),
            at: Timestamp(milliseconds: 0),
            kind: "revoked",
            session: nil,
            user: "a\nb",
            reason: "line\r\nbreak \u{0} \"quoted\" / ünal"
        )
        let json = EventText.json(EventJSON(entry))
        #expect(!json.utf8.contains { $0 < 0x20 })
        #expect(
            json
                == #"{"at":"1970-01-01T00:00:00.000Z","id":"5-1","kind":"revoked","reason":"line\r\nbreak \u0000 "#
                + #"\"quoted\" / ünal","userId":"a\nb"}"#
        )
        let item = FeedItem(entry)
        let stream = String(decoding: ServerSentEventStream.text(.entry(item)), as: UTF8.self)
        #expect(stream == "id: 5-1\nevent: revoked\ndata: \(json)\n\n")
        guard let position = AuditPosition("4-0") else { return #expect(Bool(false)) }
        #expect(
            String(decoding: ServerSentEventStream.text(.gap(after: position)), as: UTF8.self)
                == "event: gap\ndata: {\"after\":\"4-0\",\"kind\":\"gap\"}\n\n"
        )
    }
}
