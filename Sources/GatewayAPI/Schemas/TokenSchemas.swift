extension JWTJSON: DescribedJSON {
    package static let schema = Schema.object([
        "token": .string(),
        "tokenType": .always("Bearer"),
        "expiresAt": .time,
        "session": .of(SessionJSON.self),
    ])
}

extension CSRFTokenJSON: DescribedJSON {
    package static let schema = Schema.object(["csrfToken": .string(39...39)])
}
