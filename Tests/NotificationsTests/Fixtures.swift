import Foundation
import Notifications
import SessionCore

enum Fixtures {
    static let secret = "a secret of at least thirty-two bytes, for tests"
    static let position = "1763731200123-4"

    static func entry(
        kind: String = "revoked",
        session: String? = "00ff0123456789abcdef",
        user: String = "ünal",
        organization: String = "",
        actor: String = "root",
        reason: String = ""
    ) -> AuditEntry {
        AuditEntry(
            position: AuditPosition(milliseconds: 1_763_731_200_123, sequence: 4),
            at: Timestamp(milliseconds: 1_763_731_200_120),
            kind: kind,
            session: session.flatMap { SessionID($0) },
            user: user,
            organization: organization,
            actor: actor,
            reason: reason,
            from: "192.0.2.1"
        )
    }

    static func receiver(
        _ format: WebhookReceiver.Format = .json,
        url: String = "https://shop.example/hooks?token=geheim",
        secret: String = Fixtures.secret,
        kinds: [String] = [],
        organizations: [String] = []
    ) throws -> WebhookReceiver {
        try WebhookReceiver(
            name: "shop",
            url: url,
            secret: secret,
            format: format,
            issuer: "https://gate.example",
            audience: format == .json ? nil : "client-7",
            kinds: kinds,
            organizations: organizations
        )
    }

    /// What PyJWT makes of a token: header and claims, after it has verified signature, `aud` and `iss`.
    static func pyjwt(_ token: String, secret: String) throws -> (
        header: [String: Any], claims: [String: Any]
    ) {
        let script = #"""
            import json, sys, jwt
            order = json.load(sys.stdin)
            claims = jwt.decode(order["jwt"], order["secret"].encode(), algorithms=["HS256"], audience="client-7",
                                issuer="https://gate.example", leeway=5,
                                options={"require": ["iat", "aud", "iss", "jti"]})
            try:
                jwt.decode(order["jwt"], b"another secret of thirty-two bytes!", algorithms=["HS256"],
                           audience="client-7")
                sys.exit("another secret was good as well")
            except jwt.InvalidSignatureError:
                pass
            json.dump({"header": jwt.get_unverified_header(order["jwt"]), "claims": claims}, sys.stdout)
            """#
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/python3")
        process.arguments = ["-c", script]
        let (stdin, stdout) = (Pipe(), Pipe())
        process.standardInput = stdin
        process.standardOutput = stdout
        try process.run()
        stdin.fileHandleForWriting.write(try JSONEncoder().encode(["jwt": token, "secret": secret]))
        try stdin.fileHandleForWriting.close()
        let output = stdout.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        guard process.terminationStatus == 0,
            let answer = try JSONSerialization.jsonObject(with: output) as? [String: [String: Any]],
            let header = answer["header"], let claims = answer["claims"]
        else { throw Refused() }
        return (header, claims)
    }

    struct Refused: Error {}
}
