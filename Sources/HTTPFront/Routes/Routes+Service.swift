import Directory
import GatewayAPI
import HTTPTypes
import Hummingbird
import SessionCore
import SessionGateway

extension Routes {
    /// What applications do with a service key.
    static let service: [Route] = [
        Route(.post, "/api/sessions", .service(.create), "Create a session.", handle: create),
        Route(
            .post,
            "/api/sessions/{id}/rotate",
            .service(.create),
            "Replace the session's token; the old one is honoured for a short grace.",
            handle: rotate
        ),
        Route(
            .patch,
            "/api/sessions/{id}",
            .service(.create),
            "Change name, roles, organisation or factors, or extend the session.",
            handle: update
        ),
        Route(
            .delete,
            "/api/sessions/{id}",
            .service(.create),
            "End a session; the answer is the receipt.",
            handle: end
        ),
        Route(
            .get,
            "/api/sessions/{id}/data",
            .service(.check),
            "The session's document; its version is the ETag.",
            handle: data
        ),
        Route(
            .put,
            "/api/sessions/{id}/data",
            .service(.create),
            "Replace the session's document, if its version is that of If-Match.",
            handle: setData
        ),
    ]

    private static func create(_ call: RouteCall) async throws -> Response {
        _ = try call.query()
        let body = try await JSONBody(of: call.request)
        let wish = try body.decode(CreateSessionJSON.self)
        var new = NewSession(user: try UserID(wish.userId))
        new.organization = wish.organization
        new.roles = wish.roles ?? []
        new.factors = wish.factors ?? []
        new.details.displayName = wish.displayName
        new.details.email = wish.email
        new.details.sessionName = wish.sessionName
        new.details.loginMethod = wish.loginMethod
        // An application that passes its users' X-Forwarded-For on need not repeat it in the body.
        new.details.ipAddress = wish.ip ?? call.forwardedClient?.description
        new.details.userAgent = wish.userAgent.map { SessionDetails.trimmed(userAgent: $0) }
        new.remember = wish.rememberMe ?? false
        new.preset = try wish.preset.map { try preset(named: $0) }
        new.data = body.text(of: "data")
        let created = try await call.gateway.create(new, presented: wish.presentedToken)

        var session = SessionJSON(created.session)
        session.show(new.details)
        session.token = created.token.masked
        session.lastActivity = created.session.createdAt.wire
        session.idleDeadline =
            min(created.session.createdAt + created.session.idleTimeout, created.session.absoluteDeadline)
            .wire
        let answer = CreatedSessionJSON(
            token: created.token.text,
            session: session,
            evicted: created.evicted.map(\.description),
            replaced: created.replaced?.description,
            receipt: created.receipt.map { ReceiptJSON($0) }
        )
        var response = Response.json(answer, status: .created)
        response.headers[.location] = "/api/admin/sessions/\(created.session.id)"
        return response
    }

    private static func preset(named name: String) throws(Problem) -> SessionPreset {
        guard let preset = SessionPreset(rawValue: name) else {
            let names = SessionPreset.allCases.map(\.rawValue).joined(separator: ", ")
            throw .badField("preset", "\(Problem.repeatable(name)) is not allowed; must be one of \(names)")
        }
        return preset
    }

    private static func rotate(_ call: RouteCall) async throws -> Response {
        let id = try call.sessionID()
        let wish = try await JSONBody(of: call.request).decode(RotateSessionJSON.self)
        guard let token = Token(wish.token), token.sessionID == id else {
            throw Problem.badField("token", "is not a token of this session")
        }
        let rotated = try await call.gateway.rotate(wish.token)
        return .json(
            RotatedSessionJSON(
                token: rotated.token.text,
                session: SessionJSON(rotated.session),
                repeated: rotated.isRepeat
            )
        )
    }

    private static func update(_ call: RouteCall) async throws -> Response {
        let id = try call.sessionID()
        let wish = try await JSONBody(of: call.request).decode(UpdateSessionJSON.self)
        var change = SessionChange()
        change.sessionName = wish.sessionName
        change.roles = wish.roles
        change.organization = wish.organization
        change.factors = wish.factors
        change.extend = wish.extend ?? false
        return .json(SessionJSON(try await call.gateway.update(id, change)))
    }

    private static func end(_ call: RouteCall) async throws -> Response {
        let id = try call.sessionID()
        let ending = try call.ending(.revoked, call.query("reason"))
        // A session that is gone already gives a receipt too: a revocation that was not confirmed is repeated.
        return .json(ReceiptJSON(try await call.gateway.end(id, ending)))
    }

    private static func data(_ call: RouteCall) async throws -> Response {
        guard let data = try await call.gateway.data(of: try call.sessionID()) else { throw Problem.notFound }
        var response = Response.json(bytes: Array(data.json.utf8))
        response.headers[.eTag] = "\"\(data.version)\""
        return response
    }

    private static func setData(_ call: RouteCall) async throws -> Response {
        let id = try call.sessionID()
        let version = try expectedVersion(call.request.headers)
        let body = try await JSONBody(of: call.request)
        guard body.bytes.count <= NewSession.maximumDataBytes else { throw Problem.tooLarge }
        let text = String(decoding: body.bytes, as: UTF8.self)
        let new = try await call.gateway.setData(text, of: id, expecting: version)
        var response = Response.json(DataVersionJSON(version: new))
        response.headers[.eTag] = "\"\(new)\""
        return response
    }

    /// The version in `If-Match: "3"`; 0, which means none yet, for `If-None-Match: *`; `nil` without either.
    private static func expectedVersion(_ headers: HTTPFields) throws(Problem) -> Int? {
        switch (headers[.ifMatch], headers[.ifNoneMatch]) {
        case (nil, nil): return nil
        case (nil, "*"): return 0
        case (.some(let tag), nil):
            guard tag.utf8.count >= 3, tag.first == "\"", tag.last == "\"",
                let version = Int(tag.dropFirst().dropLast()), version >= 0
            else { throw .badParameter("If-Match", "must be a version in quotes") }
            return version
        default: throw .badParameter("If-None-Match", "must be *, without If-Match")
        }
    }
}
