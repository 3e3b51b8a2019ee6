import Foundation

/// A created session.
package struct CreatedAnswer: Decodable, Sendable {
    /// The part of a session that tests look at.
    package struct Session: Decodable, Sendable {
        package let id: String
        package let userId: String
    }

    package let token: String
    package let session: Session
    package let evicted: [String]
    package let receipt: ReceiptAnswer?
}

/// The acknowledgement of a revocation.
package struct ReceiptAnswer: Decodable, Sendable {
    package let ended: Int
    package let nodes: Int
    package let applied: Int
    package let lapsed: Int
    package let ms: Double
}

/// A rotated token.
package struct RotatedAnswer: Decodable, Sendable {
    package let token: String
    package let repeated: Bool
}

/// An answer that a test did not expect.
package struct UnexpectedAnswer: Error, CustomStringConvertible {
    package let description: String

    package init(description: String) { self.description = description }
}

extension HTTPCall {
    /// A call of an application or administrator: with the service key, and JSON if there is a body.
    package static func service(_ method: String, _ path: String, _ body: String? = nil) -> HTTPCall {
        var headers = [("X-Service-Key", GatewaySecrets.serviceKey)]
        if body != nil { headers.append(("Content-Type", "application/json")) }
        return HTTPCall(method, path, headers: headers, body: body)
    }

    /// `POST /api/sessions`.
    package static func create(user: String, more: String = "") -> HTTPCall {
        service("POST", "/api/sessions", #"{"userId":"\#(user)"\#(more)}"#)
    }

    /// `GET /check` with a Bearer token.
    package static func check(_ token: String) -> HTTPCall {
        HTTPCall("GET", "/check", headers: [("Authorization", "Bearer \(token)")])
    }

    /// `POST /api/sessions/{id}/rotate`.
    package static func rotate(_ id: String, _ token: String) -> HTTPCall {
        service("POST", "/api/sessions/\(id)/rotate", #"{"token":"\#(token)"}"#)
    }

    /// `DELETE /api/sessions/{id}`.
    package static func end(_ id: String) -> HTTPCall { service("DELETE", "/api/sessions/\(id)") }

    /// `DELETE /api/admin/sessions?userId=…`.
    package static func end(user: String) -> HTTPCall {
        service("DELETE", "/api/admin/sessions?userId=\(user)")
    }

    /// Logs out everyone.
    package static var endEveryone: HTTPCall {
        service("DELETE", "/api/admin/sessions?all=true&confirm=everyone")
    }
}

extension HTTPAnswer {
    /// The JSON body.
    package func decoded<Body: Decodable>(_ type: Body.Type) throws -> Body {
        try JSONDecoder().decode(type, from: Data(body))
    }

    /// The receipt in the body; nil unless the status is 200.
    package var receipt: ReceiptAnswer? { status == 200 ? try? decoded(ReceiptAnswer.self) : nil }
}

extension HTTPClient {
    /// Creates a session; tries again while the gateway says that it is not available.
    package func create(user: String, more: String = "") async throws -> CreatedAnswer {
        let answer = try await repeating(.create(user: user, more: more))
        guard answer.status == 201 else {
            throw UnexpectedAnswer(description: "create: \(answer.status) \(answer.text)")
        }
        return try answer.decoded(CreatedAnswer.self)
    }

    /// Sends a call; again, up to 50 times, while the gateway says that it is not available or not sure.
    package func repeating(_ call: HTTPCall) async throws -> HTTPAnswer {
        var answer = try await send(call)
        for _ in 0..<50 where answer.status == 503 {
            try await Task.sleep(for: .milliseconds(100))
            answer = try await send(call)
        }
        return answer
    }

    /// The status of a check.
    package func check(_ token: String, deadline: Duration = .seconds(10)) async throws -> Int {
        try await send(.check(token), deadline: deadline).status
    }
}
