/// RFC 9457 problem details with a stable `code` and a sentence.
package struct ProblemJSON: Codable, Sendable, Equatable {
    package var type: String
    package var title: String
    package var status: Int
    package var code: String
    package var error: String
    /// The field or parameter that is wrong.
    package var field: String?

    package init(title: String, status: Int, code: String, error: String, field: String?) {
        self.type = "about:blank"
        self.title = title
        self.status = status
        self.code = code
        self.error = error
        self.field = field
    }
}
