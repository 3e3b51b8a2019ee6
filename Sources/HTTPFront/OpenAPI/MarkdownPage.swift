import GatewayAPI
import ServiceKeys

/// Markdown, block by block.
struct MarkdownPage {
    private(set) var text = ""

    /// A block of its own.
    mutating func add(_ block: String) { self.text += (self.text.isEmpty ? "" : "\n") + block + "\n" }

    /// A table, unless it has no rows.
    mutating func add(_ header: [String], _ rows: [[String]]) {
        guard !rows.isEmpty else { return }
        func line(_ cells: [String]) -> String { "| " + cells.joined(separator: " | ") + " |" }
        let rule = "|" + String(repeating: "---|", count: header.count)
        self.add(([line(header), rule] + rows.map(line)).joined(separator: "\n"))
    }

    /// A table of codes.
    mutating func add<Code: DescribedCode>(_ type: Code.Type, title: String) {
        self.add([title, "Meaning"], Code.allCases.map { ["`\($0.rawValue)`", $0.meaning] })
    }

    /// What a caller has to know of a route.
    mutating func add(_ route: Route) {
        self.add("### `\(route.id)`")
        self.add("`\(route.methodAndPath)`, by \(route.caller.words).")
        self.add(route.summary)
        self.add(
            ["Parameter", "In", "Value"],
            route.pathParameters.map { ["`\($0)`", "path", route.pathSchema($0).cell] }
                + route.parameters.map { ["`\($0.name)`", $0.place, $0.schema.cell] }
        )
        if let body = route.body { self.add("Body: \(body.words).") }
        let answers = route.answers.map { ["\($0.status)", $0.note, $0.words] }
        let described = Set(route.answers.map(\.status))
        let problems = route.problemStatuses.filter { !described.contains($0) }
        self.add(["Answer", "What it is", "Body"], answers)
        if !problems.isEmpty { self.add("Problems: \(problems.map(String.init).joined(separator: ", ")).") }
    }

    /// The fields of a type.
    mutating func add(_ type: any DescribedJSON.Type) {
        // Some calls have the name of a type, but for the first letter.
        self.add("### Type `\(type.schemaName)`")
        let schema = JSONValue.object(type.schema.json)
        if case .array(let forms) = schema["oneOf"] {
            self.add("One of \(forms.count) forms:")
            for form in forms { self.add(["Field", "Value"], form.fields) }
        } else {
            self.add(["Field", "Value"], schema.fields)
        }
    }
}

extension RequiredCaller {
    /// Who may call, in words.
    fileprivate var words: String {
        switch self {
        case .anyone: "anyone"
        case .session: "a session"
        case .service(let scope): "a service key with the scope `\(scope.rawValue)`"
        case .client(let scope): "an OAuth client whose service key has the scope `\(scope.rawValue)`"
        case .administrator: "an administrator"
        case .organizationAdministrator: "an administrator, also of an organization"
        case .observer(let scope): "a service key with the scope `\(scope.rawValue)`, or an administrator"
        }
    }
}

extension Route.Content {
    fileprivate var words: String {
        self.type == "application/json" ? self.schema.words : "`\(self.type)`, \(self.schema.words)"
    }
}

extension Route.Answer {
    /// Its bodies and headers.
    fileprivate var words: String {
        let bodies = ([self.content].compactMap { $0 } + self.others).map(\.words)
        let headers = self.headers.map { "`\($0)`" }
        return bodies.joined(separator: "; ")
            + (headers.isEmpty
                ? "" : (bodies.isEmpty ? "" : ". ") + "Headers: " + headers.joined(separator: ", "))
    }
}
