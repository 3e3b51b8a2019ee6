import GatewayAPI

/// What the OpenAPI document says of a route beyond what the route itself says: parameters, body and answers. What
/// follows from the caller that a route requires, its path and its body, is added by ``Route/problems``.
package struct Operation: Sendable {
    /// A parameter in the query or in a header.
    package struct Parameter: Sendable {
        let name: String
        let place: String
        let schema: Schema
        var isQuery: Bool { self.place == "query" }

        /// A parameter of the query.
        static func query(_ name: String, _ schema: Schema) -> Parameter {
            Parameter(name: name, place: "query", schema: schema)
        }

        /// A header.
        static func header(_ name: String, _ schema: Schema) -> Parameter {
            Parameter(name: name, place: "header", schema: schema)
        }
    }

    /// What a body contains.
    package struct Content: Sendable {
        let type: String
        let schema: Schema

        static func json(_ type: any DescribedJSON.Type) -> Content { .json(.of(type)) }
        static func json(_ schema: Schema) -> Content { Content(type: "application/json", schema: schema) }
        static func form(_ schema: Schema) -> Content {
            Content(type: "application/x-www-form-urlencoded", schema: schema)
        }
        static let problem = Content(type: "application/problem+json", schema: .of(ProblemJSON.self))
        static func text(_ type: String) -> Content { Content(type: type, schema: .string()) }
    }

    /// An answer that is no problem.
    package struct Answer: Sendable {
        let status: Int
        let note: String
        let content: Content?
        /// Headers that say something of this answer; one that ends in `?` may be missing.
        let headers: [String]
        /// Other forms of the same that may be asked for.
        let others: [Content]

        static func answer(
            _ status: Int,
            _ note: String,
            _ content: Content? = nil,
            headers: [String] = [],
            others: [Content] = []
        ) -> Answer {
            Answer(status: status, note: note, content: content, headers: headers, others: others)
        }
    }

    var parameters: [Parameter] = []
    /// The body that the call takes.
    var takes: Content?
    var answers: [Answer]
    /// Statuses of problems beyond those that ``Route/problems`` derives.
    var problems: Set<Int> = []
    /// Whether a route that anyone may call looks at a session's token all the same.
    var readsToken = false

    init(
        parameters: [Parameter] = [],
        takes: Content? = nil,
        answers: [Answer],
        problems: Set<Int> = [],
        readsToken: Bool = false
    ) {
        self.parameters = parameters
        self.takes = takes
        self.answers = answers
        self.problems = problems
        self.readsToken = readsToken
    }
}
