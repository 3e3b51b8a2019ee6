import SessionCore
import SessionGateway

/// Sample sessions for `portcullis dev`.
enum DemoSessions {
    private struct Sample {
        let user: String
        let organization: String
        let name: String
        let ip: String
        let userAgent: String
    }

    private static let samples = [
        Sample(
            user: "alice",
            organization: "acme",
            name: "laptop",
            ip: "192.0.2.10",
            userAgent: "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
        ),
        Sample(
            user: "alice",
            organization: "acme",
            name: "phone",
            ip: "198.51.100.23",
            userAgent: "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 "
                + "(KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1"
        ),
        Sample(
            user: "bob",
            organization: "acme",
            name: "desktop",
            ip: "203.0.113.5",
            userAgent: "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
                + "Chrome/138.0.0.0 Safari/537.36"
        ),
        Sample(
            user: "carol",
            organization: "globex",
            name: "tablet",
            ip: "2001:db8::7",
            userAgent: "Mozilla/5.0 (Linux; Android 15; Tablet) AppleWebKit/537.36 (KHTML, like Gecko) "
                + "Chrome/138.0.0.0 Safari/537.36"
        ),
    ]

    /// Who has sample sessions.
    static var users: [String] { Set(self.samples.map(\.user)).sorted() }

    /// Creates the sample sessions of users that have none, and a session of alice's to try.
    /// - Returns: the token of that one; tokens of earlier starts are not kept anywhere.
    static func create(in gateway: SessionGateway) async throws -> String {
        for name in self.users {
            let user = try UserID(name)
            guard try await gateway.sessions(of: user).isEmpty else { continue }
            for sample in self.samples where sample.user == name {
                _ = try await gateway.create(try self.session(sample, user: user))
            }
        }
        var new = NewSession(user: try UserID("alice"))
        new.details.sessionName = "curl"
        new.details.ipAddress = "127.0.0.1"
        return try await gateway.create(new).token.text
    }

    private static func session(_ sample: Sample, user: UserID) throws -> NewSession {
        var new = NewSession(user: user)
        new.organization = sample.organization
        new.roles = ["member"]
        new.factors = ["password"]
        new.details.displayName = sample.user.prefix(1).uppercased() + sample.user.dropFirst()
        new.details.email = "\(sample.user)@example.org"
        new.details.sessionName = sample.name
        new.details.loginMethod = "password"
        new.details.ipAddress = sample.ip
        new.details.userAgent = sample.userAgent
        return new
    }
}
