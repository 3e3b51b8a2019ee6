package import HTTPTypes
import Hummingbird

/// One row of the route table: what a caller has to know of a call, and the function that answers.
package struct Route: Sendable {
    /// Which methods a route takes.
    package enum Method: Sendable, Equatable {
        /// Every method.
        case any
        /// One; `GET` takes `HEAD` as well.
        case one(HTTPRequest.Method)

        static let get = Method.one(.get)
        static let post = Method.one(.post)
        static let put = Method.one(.put)
        static let patch = Method.one(.patch)
        static let delete = Method.one(.delete)
    }

    package let method: Method
    /// The path; a part in braces stands for any one segment, `{name*}` at the end for all that follows.
    package let path: String
    /// Who may call.
    package let caller: RequiredCaller
    /// The operation id: the name of the call in generated clients. Unique, in lowerCamelCase.
    package let id: String
    /// One line for the documentation.
    package let summary: String
    /// Whether the call only asks, though its method is one for changes because a token is in the body.
    let isQuestion: Bool
    /// Whether a route that anyone may call looks at a session's token all the same.
    package let readsToken: Bool
    /// Parameters in the query and in headers.
    package let parameters: [Parameter]
    /// The body that the call takes.
    package let body: Content?
    /// The answers other than the problems of ``problemStatuses``.
    let answers: [Answer]
    /// Statuses of problems beyond those that follow from caller, path and body.
    let ownProblems: Set<Int>
    let handle: @Sendable (RouteCall) async throws -> Response

    /// Names of the parameters in the query.
    let queryNames: Set<String>

    init(
        _ method: Method,
        _ path: String,
        _ caller: RequiredCaller,
        id: String,
        _ summary: String,
        isQuestion: Bool = false,
        readsToken: Bool = false,
        parameters: [Parameter] = [],
        body: Content? = nil,
        answers: [Answer],
        problems: Set<Int> = [],
        handle: @escaping @Sendable (RouteCall) async throws -> Response
    ) {
        self.method = method
        self.path = path
        self.caller = caller
        self.id = id
        self.summary = summary
        self.isQuestion = isQuestion
        self.readsToken = readsToken
        self.parameters = parameters
        self.body = body
        self.answers = answers
        self.ownProblems = problems
        self.handle = handle
        self.queryNames = Set(parameters.filter(\.isQuery).map(\.name))
    }

    /// Method and path, as the audit log and tests name the route; `ANY` for every method.
    package var methodAndPath: String {
        switch self.method {
        case .any: "ANY \(self.path)"
        case .one(let method): "\(method.rawValue) \(self.path)"
        }
    }

    /// Whether a request's path is one of this route's.
    func matches(path: String) -> Bool {
        let pattern = self.path.split(separator: "/")
        let segments = path.split(separator: "/")
        return (self.takesRest ? pattern.count - 1 <= segments.count : pattern.count == segments.count)
            && zip(pattern, segments).allSatisfy { $0.hasPrefix("{") || $0 == $1 }
    }

    /// Whether more segments than the path's may follow.
    package var takesRest: Bool { self.path.hasSuffix("*}") }

    /// Names of the path's parameters.
    package var pathParameters: [String] {
        self.documentedPath.split(separator: "/").filter { $0.hasPrefix("{") }.map {
            String($0.dropFirst().dropLast())
        }
    }

    /// Whether the method changes nothing.
    var isSafe: Bool {
        switch self.method {
        case .any: false
        case .one(let method): [.get, .head, .options].contains(method)
        }
    }

    /// Whether a fault of the query is refused before the route is asked. Monitors and proxies may add parameters of
    /// their own, and OAuth has its own form of errors: these routes decide for themselves.
    package var examinesQuery: Bool {
        switch self.caller {
        case .anyone, .client: false
        case .session, .service, .administrator, .organizationAdministrator, .observer: true
        }
    }
}
