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

    /// The operation id under a method: that of the row, with the method where there are several.
    func operationID(_ method: HTTPRequest.Method) -> String {
        guard self.method == .any, method != .get else { return self.id }
        return self.id + "With" + method.rawValue.capitalizedASCII
    }

    /// The path as the document has it: OpenAPI has no parameter for all that follows.
    var documentedPath: String { self.path.replacing("*}", with: "}") }

    /// What a parameter of the path may be.
    func pathSchema(_ name: String) -> Schema {
        self.takesRest ? .string() : self.path.contains("/users/{\(name)}") ? .name : .sessionID
    }

    /// Whether a browser's request needs a CSRF token where it does not say where it comes from.
    var takesCSRFToken: Bool { !self.isSafe && (self.caller == .session || self.caller.isAdministrator) }
}

extension String {
    /// `Post` for `POST`.
    fileprivate var capitalizedASCII: String { self.prefix(1).uppercased() + self.dropFirst().lowercased() }
}
