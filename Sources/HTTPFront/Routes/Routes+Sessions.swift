import GatewayAPI
import HTTPTypes
import Hummingbird
import ServiceKeys
import SessionAuthentication
import SessionCore
import SessionGateway
import SessionJWT

extension Routes {
    /// What applications do with a service key.
    static let sessions: [Route] = [
        Route(
            .post,
            "/api/sessions",
            .service(.create),
            id: "createSession",
            "Create a session.",
            body: .json(CreateSessionJSON.self),
            answers: [
                .answer(
                    201,
                    "The session and its token.",
                    .json(CreatedSessionJSON.self),
                    headers: ["Location"]
                )
            ],
            problems: [409],
            handle: create
        ),
        Route(
            .post,
            "/api/sessions/{id}/rotate",
            .service(.create),
            id: "rotateSession",
            "Replace the session's token; the old one is honored for a short grace.",
            body: .json(RotateSessionJSON.self),
            answers: [.answer(200, "The next token.", .json(RotatedSessionJSON.self))],
            handle: rotate
        ),
        Route(
            .patch,
            "/api/sessions/{id}",
            .service(.create),
            id: "updateSession",
            "Change name, roles, organization or factors, or extend the session.",
            body: .json(UpdateSessionJSON.self),
            answers: [.answer(200, "The session as changed.", .json(SessionJSON.self))],
            handle: update
        ),
        Route(
            .delete,
            "/api/sessions/{id}",
            .service(.create),
            id: "endSession",
            "End a session.",
            parameters: [.reason],
            answers: [.receipt],
            handle: end
        ),
        Route(
            .get,
            "/api/sessions/{id}/data",
            .service(.check),
            id: "getSessionData",
            "The session's document; the ETag is its version.",
            answers: [.answer(200, "The document.", .json(.anyObject), headers: ["ETag"])],
            handle: data
        ),
        Route(
            .put,
            "/api/sessions/{id}/data",
            .service(.create),
            id: "replaceSessionData",
            "Replace the session's document, if its version is that of If-Match.",
            parameters: [
                .header("If-Match", .string(pattern: #"^"[0-9]{1,18}"$"#).note("The version that was read.")),
                .header("If-None-Match", .choice(["*"])),
            ],
            body: .json(.anyObject),
            answers: [
                .answer(200, "The document's new version.", .json(DataVersionJSON.self), headers: ["ETag"]),
                .answer(412, "The document has another version, the ETag.", .problem, headers: ["ETag"]),
            ],
            handle: setData
        ),
    ]

    private static func create(_ call: RouteCall) async throws -> Response {
        let json = try await JSONBody(of: call.request)
        let body = try json.decode(CreateSessionJSON.self)
        var new = NewSession(user: try UserID(body.userId))
        new.organization = body.organization
        new.roles = body.roles ?? []
        new.factors = body.factors ?? []
        new.details.displayName = body.displayName
        new.details.email = body.email
        new.details.sessionName = body.sessionName
        new.details.loginMethod = body.loginMethod
        // An application that passes its users' X-Forwarded-For on need not repeat it in the body.
        new.details.ipAddress =
            try body.ip.map { try InputRules.address($0, field: "ip") } ?? call.forwardedClient?.description
        new.details.userAgent = body.userAgent.map { SessionDetails.trimmed(userAgent: $0) }
        new.details.location = body.location.map { SessionLocation($0) }
        new.remember = body.rememberMe ?? false
        new.preset = try body.preset.map { try preset(named: $0) }
        new.data = try document(json)
        let isJWT = try wantsJWT(body.format, call)
        var presented: SessionID?
        if let text = body.presentedToken { presented = await call.front.genuineSession(text) }
        let created = try await login(new, presented, call)
        let jwt = isJWT ? try await call.front.jwt(for: created.session, call.caller) : nil

        var session = SessionJSON(created.session)
        session.show(new.details)
        session.token = created.token.masked
        session.lastActivity = created.session.createdAt.wire
        session.idleDeadline =
            min(created.session.createdAt + created.session.idleTimeout, created.session.absoluteDeadline)
            .wire
        var answer = CreatedSessionJSON(
            // In JWT mode the opaque token is told to nobody.
            token: jwt?.text ?? created.token.text,
            session: session,
            evicted: created.evicted.map(\.description),
            replaced: created.replaced?.description,
            receipt: created.receipt.map { ReceiptJSON($0) }
        )
        answer.tokenExpiresAt = jwt?.expiresAtWire
        var response = Response.json(answer, status: .created)
        response.headers[.location] = "/api/admin/sessions/\(created.session.id)"
        return response
    }

    /// A login that is refused for the limit is one that an administrator wants to see.
    private static func login(
        _ new: NewSession,
        _ presented: SessionID?,
        _ call: RouteCall
    ) async throws -> CreatedSession {
        do {
            return try await call.gateway.create(new, replacing: presented, by: call.caller.actor)
        } catch {
            if case .limitReached = error.kind { call.noteLimit(new) }
            throw error
        }
    }

    private static func preset(named name: String) throws(Problem) -> SessionPreset {
        guard let preset = SessionPreset(rawValue: name) else {
            let names = SessionPreset.allCases.map(\.rawValue).joined(separator: ", ")
            throw .badField("preset", "\(Problem.repeatable(name)) is not allowed; must be one of \(names)")
        }
        return preset
    }

    /// The document of a new session: an object, as everywhere.
    private static func document(_ body: JSONBody) throws(Problem) -> String? {
        guard let text = body.text(of: "data") else { return nil }
        guard text.utf8.first == UInt8(ascii: "{") else { throw .badField("data", "must be a JSON object") }
        return text
    }

    private static func wantsJWT(_ format: String?, _ call: RouteCall) throws(Problem) -> Bool {
        switch format {
        case nil, "opaque": return false
        case "jwt" where call.front.configuration.jwt != nil: return true
        case "jwt": throw .badField("format", "jwt is not available: no secret for JWTs is configured")
        default: throw .badField("format", "must be opaque or jwt")
        }
    }

    private static func rotate(_ call: RouteCall) async throws -> Response {
        let id = try call.sessionID()
        let body = try await JSONBody(of: call.request).decode(RotateSessionJSON.self)
        guard let token = Token(body.token), token.sessionID == id else {
            throw Problem.badField("token", "is not a token of this session")
        }
        if body.ifDue == true, try await call.gateway.rotationState(of: body.token) != .due {
            switch await call.gateway.check(body.token).kind {
            case .active(let cached): return .json(RotatedSessionJSON(notDue: cached.session))
            case .refused(let refusal): throw Problem(CheckDenial(refusal))
            case .unavailable: throw Problem(.unavailable)
            }
        }
        let rotated = try await call.gateway.rotate(
            body.token,
            by: call.caller.actor,
            from: call.clientAddress
        )
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
        let body = try await JSONBody(of: call.request).decode(UpdateSessionJSON.self)
        var change = SessionChange()
        change.sessionName = body.sessionName
        change.roles = body.roles
        change.organization = body.organization
        change.factors = body.factors
        change.addedFactors = body.addFactors
        change.reauthenticated = body.reauthenticated ?? false
        change.extend = body.extend ?? false
        return .json(
            SessionJSON(
                try await call.gateway.update(id, change, by: call.caller.actor, from: call.clientAddress)
            )
        )
    }

    private static func end(_ call: RouteCall) async throws -> Response {
        let id = try call.sessionID()
        let ending = try call.ending(.revoked, call.query)
        // A session that is gone already gives a receipt too: a revocation that was not confirmed is repeated.
        return .json(ReceiptJSON(try await call.gateway.end(id, ending)))
    }

    private static func data(_ call: RouteCall) async throws -> Response {
        guard let data = try await call.gateway.data(of: try call.sessionID()) else {
            throw Problem(.notFound, .noData, "The session has no document")
        }
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
            guard tag.utf8.count >= 2, tag.first == "\"", tag.last == "\"",
                !tag.dropFirst().dropLast().contains("\"")
            else { throw .badParameter("If-Match", "must be one version in quotes") }
            // No version of ours has such a tag, so none matches (RFC 9110 13.1.1).
            return Int(tag.dropFirst().dropLast()).flatMap { $0 > 0 ? $0 : nil } ?? -1
        default: throw .badParameter("If-None-Match", "must be *, without If-Match")
        }
    }
}
