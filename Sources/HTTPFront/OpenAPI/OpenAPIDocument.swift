package import GatewayAPI
import HTTPTypes
import ServiceKeys
import SessionGateway

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// The OpenAPI 3.1 document, made from a route table.
package struct OpenAPIDocument: Sendable {
    /// The document of all our routes with the cookie's name with and without Secure. They are made once: anybody
    /// may ask for the document.
    private static let secure = Self(routes: Routes.all, cookie: "__Host-session_token").bytes
    private static let plain = Self(routes: Routes.all, cookie: "session_token").bytes

    /// The served document.
    static func bytes(isSecure: Bool) -> [UInt8] { isSecure ? self.secure : self.plain }

    package let json: JSONValue

    /// - Parameter cookie: the name of the cookie that carries tokens.
    package init(routes: [Route], cookie: String) {
        var paths: [String: [String: JSONValue]] = [:]
        var types: [String: any DescribedJSON.Type] = [:]
        var statuses: Set<Int> = []
        Self.collect([ProblemJSON.self], into: &types)
        for route in routes {
            Self.collect(route.references, into: &types)
            statuses.formUnion(route.problemStatuses)
            for method in route.documentedMethods {
                paths[route.documentedPath, default: [:]][method.rawValue.lowercased()] = .object(
                    Self.operation(route, method)
                )
            }
            // Beyond the methods that OpenAPI knows.
            if route.method == .any { paths[route.documentedPath]?["x-every-method"] = true }
            if route.takesRest { paths[route.documentedPath]?["x-every-path"] = true }
        }
        self.json = [
            "openapi": "3.1.0",
            "info": [
                "title": "Portcullis",
                "version": .string(SessionGateway.version),
                "summary": "Checks, creates, lists and ends login sessions.",
                "license": ["name": "Apache 2.0", "identifier": "Apache-2.0"],
            ],
            "servers": [["url": "/"]],
            "paths": .object(paths.mapValues { .object($0) }),
            "components": [
                "schemas": .object(types.mapValues { .object($0.schema.json) }),
                "responses": .object(
                    Dictionary(uniqueKeysWithValues: statuses.map { ("\($0)", Self.problem($0)) })
                ),
                "securitySchemes": Self.securitySchemes(cookie: cookie),
            ],
        ]
    }

    /// The document as text.
    package var bytes: [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        // Encoding fails only for numbers that are not finite; there are none.
        return Array((try? encoder.encode(self.json)) ?? Data())
    }

    private static func collect(
        _ references: [any DescribedJSON.Type],
        into types: inout [String: any DescribedJSON.Type]
    ) {
        for type in references where types.updateValue(type, forKey: type.schemaName) == nil {
            self.collect(type.schema.references, into: &types)
        }
    }

    private static func operation(
        _ route: Route,
        _ method: HTTPRequest.Method
    ) -> [String: JSONValue] {
        var json: [String: JSONValue] = [
            "operationId": .string(route.operationID(method)),
            "summary": .string(route.summary),
            "tags": [.string(route.tag)],
            "security": route.security,
        ]
        let given = route.parameters + (route.takesCSRFToken ? [Self.csrfToken] : [])
        let parameters =
            route.pathParameters.map { self.pathParameter($0, of: route) }
            + given.map { parameter in
                [
                    "name": .string(parameter.name), "in": .string(parameter.place),
                    "schema": .object(parameter.schema.json),
                ]
            }
        if !parameters.isEmpty { json["parameters"] = .array(parameters) }
        if let body = route.body {
            json["requestBody"] = ["required": true, "content": self.content([body])]
        }
        var responses: [String: JSONValue] = [:]
        for answer in route.answers { responses["\(answer.status)"] = self.response(answer) }
        for status in route.problemStatuses where responses["\(status)"] == nil {
            responses["\(status)"] = ["$ref": .string("#/components/responses/\(status)")]
        }
        json["responses"] = .object(responses)
        return json
    }

    private static let csrfToken = Route.Parameter.header(
        "X-CSRF-Token",
        .string().note(
            "That of GET /api/auth/csrf: with a cookie, where neither Sec-Fetch-Site nor Origin is sent."
        )
    )

    private static func pathParameter(_ name: String, of route: Route) -> JSONValue {
        [
            "name": .string(name), "in": "path", "required": true,
            "schema": .object(route.pathSchema(name).json),
        ]
    }

    private static func content(_ forms: [Route.Content]) -> JSONValue {
        .object(
            forms.reduce(into: [:]) { $0[$1.type] = ["schema": .object($1.schema.json)] }
        )
    }

    private static func response(_ answer: Route.Answer) -> JSONValue {
        var json: [String: JSONValue] = ["description": .string(answer.note)]
        if let content = answer.content { json["content"] = self.content([content] + answer.others) }
        if !answer.headers.isEmpty { json["headers"] = self.headers(answer.headers) }
        return .object(json)
    }

    private static func headers(_ names: [String]) -> JSONValue {
        .object(
            Dictionary(
                uniqueKeysWithValues: names.map { name in
                    let isOptional = name.hasSuffix("?")
                    return (
                        isOptional ? String(name.dropLast()) : name,
                        ["required": .boolean(!isOptional), "schema": ["type": "string"]]
                    )
                }
            )
        )
    }

    private static func problem(_ status: Int) -> JSONValue {
        var headers: [String] = []
        switch status {
        case 401: headers = ["WWW-Authenticate"]
        case 429, 503: headers = ["Retry-After"]
        default: break
        }
        var json: [String: JSONValue] = [
            "description": .string(HTTPResponse.Status(code: status).reasonPhrase),
            "content": ["application/problem+json": ["schema": .object(Schema.of(ProblemJSON.self).json)]],
        ]
        if !headers.isEmpty { json["headers"] = self.headers(headers) }
        return .object(json)
    }

    private static func securitySchemes(cookie: String) -> JSONValue {
        [
            "sessionCookie": ["type": "apiKey", "in": "cookie", "name": .string(cookie)],
            "sessionToken": ["type": "http", "scheme": "bearer", "description": "A session's token."],
            "serviceKey": ["type": "http", "scheme": "bearer", "description": "A service key, pk_…."],
            "client": [
                "type": "http", "scheme": "basic",
                "description": "A service key, its name as user; or client_id and client_secret in the form.",
            ],
            "serviceKeyHeader": ["type": "apiKey", "in": "header", "name": "X-Service-Key"],
        ]
    }
}

extension Route {
    fileprivate var tag: String {
        switch self.caller {
        case .anyone: "Operations and checks"
        case .session: "Own sessions"
        case .client: "OAuth"
        case .service, .observer: "Applications"
        case .administrator, .organizationAdministrator: "Administration"
        }
    }

    /// Which credentials open it; for a service key with the scope that it needs.
    fileprivate var security: JSONValue {
        let session: [JSONValue] = [["sessionCookie": []], ["sessionToken": []]]
        func key(_ scope: String) -> [JSONValue] {
            [["serviceKey": [.string(scope)]], ["serviceKeyHeader": [.string(scope)]]]
        }
        switch self.caller {
        case .anyone: return .array(self.readsToken ? session : [])
        case .session: return .array(session)
        case .client(let scope):
            // The last for credentials in the form, which are no scheme of OpenAPI's.
            return .array([["client": [.string(scope.rawValue)]]] + key(scope.rawValue) + [[:]])
        case .service(let scope): return .array(key(scope.rawValue))
        case .administrator, .organizationAdministrator: return .array(key("admin") + session)
        case .observer(let scope): return .array(key(scope.rawValue) + session)
        }
    }
}
