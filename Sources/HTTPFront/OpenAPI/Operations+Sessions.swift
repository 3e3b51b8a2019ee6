import GatewayAPI

extension Operations {
    static let service: [String: Operation] = [
        "POST /api/sessions": Operation(
            takes: .json(CreateSessionJSON.self),
            answers: [
                .answer(
                    201,
                    "The session and its token.",
                    .json(CreatedSessionJSON.self),
                    headers: ["Location"]
                )
            ],
            problems: [409]
        ),
        "POST /api/sessions/{id}/rotate": Operation(
            takes: .json(RotateSessionJSON.self),
            answers: [.answer(200, "The next token.", .json(RotatedSessionJSON.self))]
        ),
        "PATCH /api/sessions/{id}": Operation(
            takes: .json(UpdateSessionJSON.self),
            answers: [.answer(200, "The session as it is now.", .json(SessionJSON.self))]
        ),
        "DELETE /api/sessions/{id}": Operation(parameters: [Self.reason], answers: [Self.receipt]),
        "POST /api/sessions/{id}/jwt": Operation(answers: [Self.jwt]),
        "GET /api/sessions/{id}/data": Operation(
            answers: [.answer(200, "The document.", .json(.anyObject), headers: ["ETag"])]
        ),
        "PUT /api/sessions/{id}/data": Operation(
            parameters: [
                .header("If-Match", .string(pattern: #"^"[0-9]{1,18}"$"#).note("The version that was read.")),
                .header("If-None-Match", .choice(["*"])),
            ],
            takes: .json(.anyObject),
            answers: [
                .answer(200, "Its new version.", .json(DataVersionJSON.self), headers: ["ETag"]),
                .answer(412, "It is at another version, the ETag.", .problem, headers: ["ETag"]),
            ]
        ),
    ]

    static let own: [String: Operation] = [
        "POST /api/auth/logout": Operation(answers: [Self.receiptAndFarewell]),
        "GET /api/auth/session": Operation(
            answers: [.answer(200, "It.", .json(SessionJSON.self), headers: ["X-Session-Rotate?"])]
        ),
        "POST /api/auth/session/rotate": Operation(
            parameters: [.query("ifDue", .boolean.note("Only when the rotation interval is over."))],
            answers: [
                .answer(200, "The next token.", .json(RotatedSessionJSON.self), headers: ["Set-Cookie?"])
            ]
        ),
        "POST /api/auth/session/jwt": Operation(answers: [Self.jwt], problems: [404]),
        "GET /api/auth/csrf": Operation(
            answers: [
                .answer(200, "The token.", .json(CSRFTokenJSON.self), headers: ["Set-Cookie?"])
            ]
        ),
        "GET /api/auth/sessions": Operation(
            parameters: Self.page + Self.filter,
            answers: [.answer(200, "A page of them.", .json(SessionPageJSON.self))]
        ),
        "DELETE /api/auth/sessions/others": Operation(answers: [Self.receipt]),
        "DELETE /api/auth/sessions": Operation(answers: [Self.receiptAndFarewell]),
        "DELETE /api/auth/sessions/{id}": Operation(answers: [Self.receipt], problems: [409]),
    ]

    static let administration: [String: Operation] = [
        "GET /api/admin/sessions": Operation(
            parameters: Self.page + [.query("userId", .name)] + Self.filter,
            answers: [.answer(200, "A page of them.", .json(SessionPageJSON.self))]
        ),
        "GET /api/admin/sessions/{id}": Operation(answers: [.answer(200, "It.", .json(SessionJSON.self))]),
        "DELETE /api/admin/sessions/{id}": Operation(parameters: [Self.reason], answers: [Self.receipt]),
        "DELETE /api/admin/sessions": Operation(
            parameters: [.query("userId", .name)] + Self.filter + [
                .query("all", .boolean),
                .query(
                    "confirm",
                    .name.note(
                        "With all: everyone, or the name of the organization that the caller administers."
                    )
                ),
                .query("dryRun", .boolean),
                .query(
                    "progress",
                    .boolean.note("Lines with the number so far; the last has receipt or problem.")
                ),
                Self.reason,
            ],
            answers: [
                .answer(
                    200,
                    "The receipt, or with dryRun=true the count.",
                    .json(.oneOf(.of(ReceiptJSON.self), .of(PreviewJSON.self))),
                    others: [.text("application/jsonl")]
                )
            ],
            problems: [422]
        ),
        "GET /api/admin/users/{id}/sessions": Operation(
            parameters: Self.page + Self.filter,
            answers: [.answer(200, "A page of them.", .json(SessionPageJSON.self))],
            problems: [422]
        ),
        "GET /api/admin/nodes": Operation(answers: [.answer(200, "They.", .json(NodesJSON.self))]),
    ]

    static let settings: [String: Operation] = [
        "GET /api/admin/settings": Operation(
            answers: [.answer(200, "They.", .json(SettingsJSON.self), headers: ["ETag"])]
        ),
        "PUT /api/admin/settings": Operation(
            takes: .json(ChangeSettingsJSON.self),
            answers: [
                .answer(200, "They as they are now.", .json(SettingsJSON.self), headers: ["ETag"]),
                .answer(409, "They are at another version, the ETag.", .problem, headers: ["ETag"]),
            ]
        ),
    ]

    static let userRequests: [String: Operation] = [
        "GET /api/UserRequests": Operation(
            parameters: [.query("limit", .integer(1...10_000)), .query("offset", .integer(0...100_000))],
            answers: [
                .answer(200, "They.", .json(.array(.of(UserRequestJSON.self))), headers: ["X-Total-Count?"])
            ]
        ),
        "DELETE /api/UserRequest/{id}": Operation(answers: [Self.receipt]),
    ]

    private static let jwt = Operation.Answer.answer(200, "The JWT.", .json(JWTJSON.self))

    /// A receipt, and for a browser the order to forget the cookie.
    private static let receiptAndFarewell = Operation.Answer.answer(
        200,
        "The receipt: from now on no node accepts what was ended.",
        .json(ReceiptJSON.self),
        headers: ["Set-Cookie?", "Clear-Site-Data?"]
    )
}
