import GatewayAPI
import HTTPTypes

extension Route {
    /// The methods under which the document lists the route.
    var documentedMethods: [HTTPRequest.Method] {
        switch self.method {
        case .one(let method): [method]
        case .any: [.get, .head, .post, .put, .patch, .delete, .options, .trace]
        }
    }

    /// How the route is called in ``Operations``.
    package var operationKey: String {
        switch self.method {
        case .any: "ANY \(self.path)"
        case .one(let method): "\(method.rawValue) \(self.path)"
        }
    }

    /// What the document says of it; `nil` when nobody has said it.
    package var operation: Operation? { Operations.all[self.operationKey] }

    /// The path as the document has it: OpenAPI has no parameter for all that follows.
    var documentedPath: String { self.path.replacing("*}", with: "}") }

    /// Whether more segments than the path's may follow.
    var takesRest: Bool { self.path.hasSuffix("*}") }

    /// Names of the path's parameters.
    var pathParameters: [String] {
        self.documentedPath.split(separator: "/").filter { $0.hasPrefix("{") }.map {
            String($0.dropFirst().dropLast())
        }
    }

    /// The names that a request's query may have; `nil` where the route looks at them itself, or where monitors and
    /// proxies may add their own.
    var knownParameters: Set<String>? {
        switch self.caller {
        case .anyone, .client: nil
        case .session, .service, .administrator, .organizationAdministrator, .observer:
            Set(self.operation?.parameters.filter(\.isQuery).map(\.name) ?? [])
        }
    }

    /// Statuses of the problems that the route may answer with: those that its caller, path and body bring along,
    /// and the operation's own.
    func problems(_ operation: Operation) -> [Int] {
        var statuses = operation.problems
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
        if operation.takes != nil { statuses.formUnion([400, 413, 415, 422]) }
        for parameter in operation.parameters {
            statuses.insert(400)
            // A text that breaks the rules for texts, where others are out of range.
            if parameter.schema.json["pattern"] != nil, parameter.name == "reason" { statuses.insert(422) }
        }
        return statuses.sorted()
    }

    /// Whether a browser's request needs a CSRF token where it does not say where it comes from.
    var takesCSRFToken: Bool { !self.isSafe && (self.caller == .session || self.caller.isAdministrator) }

    var isSafe: Bool {
        switch self.method {
        case .any: false
        case .one(let method): [.get, .head, .options].contains(method)
        }
    }
}
