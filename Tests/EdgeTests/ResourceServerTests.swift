import APIValidation
import Foundation
import TestSupport
import Testing

/// The real Apache with mod_auth_openidc, which knows nothing of us but RFC 7662, and with the configuration that we
/// recommend: an implementation by others reads our introspection.
@Suite(.serialized) struct ResourceServerTests {
    private static let module = "/usr/lib/apache2/modules/mod_auth_openidc.so"

    @Test func debiansPackageIsThere() {
        #expect(FileManager.default.fileExists(atPath: Self.module), "ops/test installs it")
    }

    @Test(.timeLimit(.minutes(5)))
    func rfc7662ATokenCountsUntilItIsRevoked() async throws {
        try await Self.withScene { client, gateway in
            func get(
                _ path: String,
                _ token: String?,
                _ more: [(String, String)] = []
            ) async throws -> HTTPAnswer {
                let credential = token.map { [("Authorization", "Bearer \($0)")] } ?? []
                return try await client.send(HTTPCall("GET", path, headers: credential + more))
            }
            let alice = try await gateway.create(
                user: "alice",
                more: #","organization":"acme","roles":["reader","admin"],"factors":["password"]"#
            )
            let claims = [
                ("X-Session-User", "mallory"), ("OIDC_CLAIM_sub", "mallory"),
                ("OIDC-CLAIM-roles", "mallory"), ("OIDC_CLAIM_more", "mallory"),
            ]
            let answer = try await get("/page?x=1", alice.token, claims)
            #expect(answer.status == 200, "\(answer.text)")
            let seen = try answer.decoded(EchoServer.Seen.self)
            #expect(seen.uri == "/page?x=1")
            #expect(seen.values("x-session-user") == ["alice"])
            #expect(seen.values("oidc_claim_sid") == [alice.session.id])
            #expect(seen.values("oidc_claim_org") == ["acme"])
            #expect(seen.values("oidc_claim_roles") == ["reader,admin"])
            #expect(!answer.text.contains("mallory"), "\(answer.text)")
            #expect(try await get("/admin", alice.token).status == 200)
            let bob = try await gateway.create(user: "bob")
            #expect(try await get("/", bob.token).status == 200)
            #expect(try await get("/admin", bob.token).status == 401)

            let forged = String(alice.token.dropLast()) + (alice.token.last == "-" ? "A" : "-")
            for token in [nil, "x", forged] {
                let refused = try await get("/", token)
                #expect(refused.status == 401)
                #expect(refused.header("WWW-Authenticate")?.hasPrefix("Bearer") ?? false)
            }
            // RFC 6750 2.3 is not for us: a token in the URL counts for nothing.
            #expect(try await get("/?access_token=\(alice.token)", nil).status == 401)

            // Revoked, as RFC 7009 has it or otherwise: the very next request.
            for round in 0..<20 {
                let created = try await gateway.create(user: "user-\(round)")
                #expect(try await get("/", created.token).status == 200)
                #expect(try await gateway.send(.end(created.session.id)).receipt != nil)
                #expect(try await get("/", created.token).status == 401)
            }
            let revocation = HTTPCall(
                "POST",
                "/oauth2/revoke",
                headers: [
                    ("X-Service-Key", GatewaySecrets.serviceKey),
                    ("Content-Type", "application/x-www-form-urlencoded"),
                ],
                body: "token=\(alice.token)"
            )
            #expect(try await gateway.send(revocation).status == 200)
            #expect(try await get("/page", alice.token).status == 401)
        }
    }

    /// - Parameter test: gets Apache, and a gateway of the same installation as Apache's.
    private static func withScene(_ test: (HTTPClient, HTTPClient) async throws -> Void) async throws {
        let redis = try RedisServer()
        let directory = redis.directory
        let secrets = try GatewaySecrets(directory: directory)
        let redisURL = "unix://\(redis.socketPath)"
        let (certificate, key) = try Self.certificate(in: directory)
        let plain = try GatewayProcess(redisURL: redisURL, secrets: secrets, directory: directory)
        // mod_auth_openidc asks by https only.
        let secure = try GatewayProcess(
            redisURL: redisURL,
            secrets: secrets,
            directory: directory,
            flags: ["--tls-certificate", certificate, "--tls-key", key]
        )
        let application = try await EchoServer.start()
        let port = try freePort()
        let folder = URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "../../ops/proxies/apache/resource-server.conf").standardized
        let text = Proxy.Addresses(listen: port, gateway: secure.port, application: application.port)
            .put(into: try String(contentsOf: folder, encoding: .utf8))
            .replacing("pk_shop_SECRET", with: GatewaySecrets.serviceKey)
            .replacing("OIDCOAuthClientID shop", with: "OIDCOAuthClientID faults")
            .replacing(
                "#OIDCCABundlePath /etc/ssl/portcullis-ca.pem",
                with: "OIDCCABundlePath \(certificate)"
            )
        let modules = ["authn_core", "authz_user", "auth_openidc", "proxy", "proxy_http"]
        let path = directory.appending(path: "resource-server.conf").path
        try Data(Proxy.apacheFrame(directory, text, modules: modules).utf8).write(to: URL(filePath: path))
        let log = directory.appending(path: "resource-server.log").path
        let process = try ChildProcess.spawn(
            [Proxy.apache.program ?? "apache2", "-X", "-d", directory.path, "-f", path],
            output: log
        )
        defer {
            kill(process, SIGKILL)
            ChildProcess.wait(process)
        }
        try await plain.waitUntilReady()
        let isServing = await becomesTrue { secure.log.contains("Serving") }
        try #require(isServing, "\(secure.log)")
        let client = HTTPClient(port: port)
        let isUp = await becomesTrue { (try? await client.send(HTTPCall("GET", "/")))?.status == 401 }
        try #require(isUp, "\((try? String(contentsOfFile: log, encoding: .utf8)) ?? "")")
        try await test(client, .ofGateway(port: plain.port))
        try await application.stop()
    }

    /// A certificate for 127.0.0.1 that signs itself, and its key.
    private static func certificate(in directory: URL) throws -> (String, String) {
        let certificate = directory.appending(path: "certificate.pem").path
        let key = directory.appending(path: "key.pem").path
        let process = try ChildProcess.spawn(
            [
                "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1",
                "-nodes",
                "-days", "2", "-subj", "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1",
                "-keyout", key, "-out", certificate,
            ],
            output: directory.appending(path: "openssl.log").path
        )
        ChildProcess.wait(process)
        // Apache's own user reads it.
        try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: certificate)
        return (certificate, key)
    }
}
