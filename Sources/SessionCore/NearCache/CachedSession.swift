/// A session as the near-cache holds it, together with the answer a hit gets.
public final class CachedSession: Sendable {
    /// The session.
    public let session: LiveSession
    /// The ready-made answer of the front that filled the entry; empty where there is none.
    public let answer: [UInt8]

    /// Puts an entry's value together.
    public init(session: LiveSession, answer: [UInt8] = []) {
        self.session = session
        self.answer = answer
    }
}
