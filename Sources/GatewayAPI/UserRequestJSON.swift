/// A session as clients of `GET /api/UserRequests` know it.
package struct UserRequestJSON: Codable, Sendable, Equatable {
    /// The session's id.
    package var requestId: String
    /// The e-mail address, or the user id of a user without one.
    package var userEmail: String
    package var sessionName: String
    package var ipAddress: String
    package var userAgent: String
    package var isActive: Bool
    package var createdAt: WireTime
    package var lastActivity: WireTime

    /// What is not known of a session is an empty text: the record has no optional members.
    package init(
        requestId: String,
        userEmail: String,
        sessionName: String?,
        ipAddress: String?,
        userAgent: String?,
        isActive: Bool,
        createdAt: WireTime,
        lastActivity: WireTime
    ) {
        self.requestId = requestId
        self.userEmail = userEmail
        self.sessionName = sessionName ?? ""
        self.ipAddress = ipAddress ?? ""
        self.userAgent = userAgent ?? ""
        self.isActive = isActive
        self.createdAt = createdAt
        self.lastActivity = lastActivity
    }
}

extension UserRequestJSON: DescribedJSON {
    package static let schema = Schema.object([
        "requestId": .sessionID,
        "userEmail": .string(),
        "sessionName": .string(),
        "ipAddress": .string(),
        "userAgent": .string(),
        "isActive": .boolean,
        "createdAt": .time,
        "lastActivity": .time,
    ])
}
