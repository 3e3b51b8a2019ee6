package import GatewayAPI

extension Route {
    /// A parameter in the query or in a header.
    package struct Parameter: Sendable {
        package let name: String
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
        package let type: String
        package let schema: Schema

        static func json(_ type: any DescribedJSON.Type) -> Content { .json(.of(type)) }
        static func json(_ schema: Schema) -> Content { Content(type: "application/json", schema: schema) }
        static func form(_ schema: Schema) -> Content {
            Content(type: "application/x-www-form-urlencoded", schema: schema)
        }
        static let problem = Content(type: "application/problem+json", schema: .of(ProblemJSON.self))
        static func text(_ type: String) -> Content { Content(type: type, schema: .string()) }
    }

    /// An answer with a description of its own.
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

    /// What the answers are.
    package var answerNotes: [String] { self.answers.map(\.note) }

    /// The types that the route names.
    var references: [any DescribedJSON.Type] {
        self.parameters.flatMap(\.schema.references) + (self.body?.schema.references ?? [])
            + self.answers.flatMap { $0.content?.schema.references ?? [] }
    }

    /// Statuses of the problems that the route may answer with: those that caller, path and body bring along, and the
    /// row's own.
    var problemStatuses: [Int] {
        var statuses = self.ownProblems
        switch self.caller {
        case .anyone: break
        case .session:
            statuses.formUnion([400, 401, 503])
            // A request from another site's page.
            if !self.isSafe { statuses.insert(403) }
        // Has answers of its own for all that may be wrong.
        case .client: return []
        case .service, .administrator, .organizationAdministrator, .observer:
            statuses.formUnion([400, 401, 403, 503])
        }
        if !self.pathParameters.isEmpty, !self.takesRest { statuses.insert(404) }
        if self.body != nil { statuses.formUnion([400, 413, 415, 422]) }
        for parameter in self.parameters {
            statuses.insert(400)
            // A text that breaks the rules for texts, where others are out of range.
            if parameter.schema.json["pattern"] != nil, parameter.name == "reason" { statuses.insert(422) }
        }
        return statuses.sorted()
    }
}
