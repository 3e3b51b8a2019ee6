/// A session as the near-cache holds it, together with the answer a hit gets.
public final class CachedSession: Sendable {
    /// The session.
    public let session: LiveSession
    /// The ready-made part of the answer of the front that filled the entry; empty where there is none.
    public let answer: [UInt8]
    /// The live record's bytes that both were made from; kept only on a strict node, which asks Redis at every
    /// check and need not read the same bytes anew. Empty elsewhere.
    package let record: [UInt8]

    /// Puts an entry's value together.
    public convenience init(session: LiveSession, answer: [UInt8] = []) {
        self.init(session: session, answer: answer, record: [])
    }

    /// Puts an entry's value together.
    package init(session: LiveSession, answer: [UInt8], record: [UInt8]) {
        self.session = session
        self.answer = answer
        self.record = record
    }
}
