/// A request body: a JSON object of known fields. An unknown field is refused, because a misspelt `roles` must
/// not quietly make a session without roles.
package protocol RequestBodyJSON: Codable, Sendable {
    /// The fields that the object may have.
    static var fields: Set<String> { get }
}
