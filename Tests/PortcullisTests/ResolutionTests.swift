import ArgumentParser
import HTTPFront
import SessionCore
import SessionGateway
import Testing

@testable import portcullis

@Suite("Settings from flags, environment, file and defaults")
struct ResolutionTests {
    private func file(_ text: String) throws -> ConfigurationFile {
        try ConfigurationFile.parse(text, name: "portcullis.yaml")
    }

    private func node(
        flags: [SettingKey: String] = [:],
        environment: [String: String] = [:],
        file: String? = nil
    ) throws -> NodeConfiguration {
        let settings = try Resolution.resolve(
            flags: flags,
            environment: environment,
            file: try file.map(self.file)
        )
        return try NodeConfiguration(settings, environment: environment)
    }

    private func problems(
        flags: [SettingKey: String] = [:],
        environment: [String: String] = [:],
        file: String? = nil
    ) -> String {
        do {
            _ = try self.node(flags: flags, environment: environment, file: file)
            return ""
        } catch {
            return "\(error)"
        }
    }

    @Test("Every key has one row, every path and variable is its own, every default is allowed")
    func table() throws {
        #expect(Set(Setting.table.map(\.key)).count == Setting.table.count)
        #expect(Set(Setting.table.map(\.path)).count == Setting.table.count)
        for setting in Setting.table {
            if let fallback = setting.fallback {
                #expect(setting.kind.value(fallback) != nil, "\(setting.key)")
            }
            #expect(setting.fallback != nil || setting.fallbackNote != nil, "\(setting.key)")
        }
        let node = try self.node()
        #expect(node.gateway.policy == SessionPolicy())
        #expect(node.gateway.lease == Lease.Configuration())
    }

    @Test("Flags go before the environment, the environment before the file, the file before the default")
    func precedence() throws {
        let file = "session: {max-sessions: 3, retention: 2d}\nlog:\n  level: debug\n"
        let environment = ["PORTCULLIS_MAX_SESSIONS": "4", "PORTCULLIS_RETENTION": "3d", "PATH": "/bin"]
        let settings = try Resolution.resolve(
            flags: [.maxSessions: "5"],
            environment: environment,
            file: try self.file(file)
        )
        #expect(settings.entry(.maxSessions)?.value == .integer(5))
        #expect(settings.entry(.maxSessions)?.origin == .flag("max-sessions"))
        #expect(settings.entry(.retention)?.value == .duration(.seconds(3 * 86_400)))
        #expect(settings.entry(.retention)?.origin == .environment("PORTCULLIS_RETENTION"))
        #expect(settings.entry(.logLevel)?.origin == .file("portcullis.yaml", line: 3))
        #expect(settings.entry(.lease)?.origin == .fallback)
    }

    @Test("JSON is read as well as YAML, lists too")
    func json() throws {
        let node = try self.node(
            file:
                #"{"listen": "0.0.0.0:80", "cache": {"strict": true}, "allowed-origins": ["https://a.example", "http://b:8080"]}"#
        )
        #expect(node.listen == .tcp(host: "0.0.0.0", port: 80))
        #expect(node.gateway.isStrict)
        #expect(node.front.allowedOrigins == ["https://a.example", "http://b:8080"])
        #expect(try self.node(file: "# nothing\n").front.maximumConnections == 10_000)
        #expect(try self.node(file: "listen:\n").listen == .tcp(host: "127.0.0.1", port: 7171))
    }

    @Test("A wrong value is refused with its name, the value, its origin and what is allowed")
    func wrongValue() {
        let text = self.problems(
            flags: [.listen: "nowhere"],
            environment: ["PORTCULLIS_LEASE": "5"],
            file: "session:\n  max-sessions: 1001\n"
        )
        #expect(text.contains("listen: 'nowhere' (flag --listen) is not allowed; allowed: host:port"))
        #expect(text.contains("lease: '5' (environment variable PORTCULLIS_LEASE)"))
        #expect(text.contains("allowed: 50ms to 1m"))
        #expect(text.contains("max-sessions: '1001' (portcullis.yaml:2) is not allowed; allowed: 0 to 1000"))
    }

    @Test(
        "What counts in seconds takes no fraction of one",
        arguments: [SettingKey.drainTimeout, .connectionIdleTimeout]
    )
    func wholeSeconds(key: SettingKey) throws {
        for text in ["900ms", "1500ms", "1001ms"] {
            let problems = self.problems(flags: [key: text])
            #expect(problems.contains("\(key.rawValue): '\(text)' (flag --\(key.rawValue)) is not allowed"))
            #expect(problems.contains("in whole seconds, as in 90s, 15m"))
        }
        for (text, seconds) in [("1s", 1), ("2000ms", 2), ("5m", 300)] {
            let node = try self.node(flags: [key: text])
            let value = key == .drainTimeout ? node.front.shutdownGrace : node.front.idleTimeout
            #expect(value == .seconds(seconds))
        }
        #expect(self.problems(flags: [key: "3601s"]).contains("is not allowed"))
    }

    @Test("An unknown name is refused with the nearest known one")
    func unknownName() {
        let text = self.problems(
            environment: ["PORTCULLIS_IDEL_TIMEOUT": "5m", "PORTCULLIS_XYZZY": "1"],
            file: "session:\n  idle-timout: 5m\nmax-sessions: 3\n"
        )
        #expect(text.contains("PORTCULLIS_IDEL_TIMEOUT; did you mean PORTCULLIS_IDLE_TIMEOUT?"))
        #expect(text.contains("PORTCULLIS_XYZZY") && !text.contains("PORTCULLIS_XYZZY; did"))
        #expect(text.contains("portcullis.yaml:2: there is no setting 'session.idle-timout'; did you mean"))
        #expect(text.contains("'max-sessions'; did you mean 'session.max-sessions'?"))
    }

    @Test("Variables that Kubernetes sets for a Service of our name, and empty ones, say nothing")
    func foreignVariables() throws {
        let environment = [
            "PORTCULLIS_PORT": "tcp://10.0.0.1:7171", "PORTCULLIS_PORT_7171_TCP_ADDR": "10.0.0.1",
            "PORTCULLIS_SERVICE_HOST": "10.0.0.1", "PORTCULLIS_SERVICE_PORT_HTTP": "7171",
            "PORTCULLIS_LEASE": "",
        ]
        #expect(try self.node(environment: environment).gateway.lease == Lease.Configuration())
    }

    @Test("SESSION_TIMEOUT counts minutes, SESSION_TIMEOUT_DAYS days; our own name goes before both")
    func foreignTimeouts() throws {
        #expect(
            try self.node(environment: ["SESSION_TIMEOUT": "45"]).gateway.policy.idleTimeout
                == .seconds(45 * 60)
        )
        let week = try self.node(environment: ["SESSION_TIMEOUT_DAYS": "7"]).gateway.policy
        #expect(week.idleTimeout == .seconds(7 * 86_400))
        #expect(week.absoluteTimeout == .seconds(7 * 86_400))
        let both = ["SESSION_TIMEOUT_DAYS": "7", "SESSION_TIMEOUT": "5", "PORTCULLIS_IDLE_TIMEOUT": "2m"]
        #expect(try self.node(environment: both).gateway.policy.idleTimeout == .seconds(120))
        #expect(self.problems(environment: ["SESSION_TIMEOUT": "1h"]).contains("variable SESSION_TIMEOUT"))
    }

    @Test("A preset sets the timeouts, one given by itself goes before it")
    func preset() throws {
        let policy = try self.node(flags: [.preset: "high-security", .idleTimeout: "3m"]).gateway.policy
        #expect(policy.idleTimeout == .seconds(180))
        #expect(policy.rememberIdleTimeout == .seconds(15 * 60))
        #expect(self.problems(flags: [.preset: "lax"]).contains("kiosk"))
    }

    @Test(
        "Settings that do not go together are refused",
        arguments: [
            ([SettingKey.idleTimeout: "2h", .absoluteTimeout: "1h"], "must not be longer"),
            ([.tlsKey: "k.pem"], "tls-key is given without tls-certificate"),
            ([.cookieSameSite: "none", .cookieSecure: "false"], "needs cookie-secure"),
            ([.tokenSecret: "a", .tokenSecretFile: "b"], "exclude each other"),
            ([.jwtSecret: "a", .jwtSecretFile: "b"], "exclude each other"),
            ([.organizationAdministratorRole: "portcullis:admin"], "must not be the administrator-role"),
            ([.cookieName: "a b"], "cookie-name"), ([.cookieName: "__Host-a"], "cookie-name"),
            ([.rotationInterval: "30s"], "rotationInterval"),
            ([.allowedOrigins: "https://a/b"], "scheme, host and port"),
            ([.trustedProxies: "10.0.0.0/8, 10.0.0.0/33"], "'10.0.0.0/33' must be an address or a block"),
            ([.loginURL: "//login.example"], "'//login.example' must be a URL"),
            ([.loginURL: "https://login.example/#top"], "without fragment"),
            ([.loginReturnHosts: "https://app.example/"], "must be a host"),
            ([.keyPrefix: "a{b"], "key-prefix"),
        ]
    )
    func contradictions(flags: [SettingKey: String], sentence: String) {
        #expect(self.problems(flags: flags).contains(sentence))
    }

    @Test(
        "What is not a mapping of settings is refused without repeating it",
        arguments: ["[1, 2]", "a: b: c", "listen: {a: {b: {c: {d: 1}}}}", "lease: 1s\nlease: 2s", "\"open"]
    )
    func badFiles(text: String) {
        let problems = self.problems(file: text)
        #expect(problems.contains("portcullis.yaml"))
        #expect(!problems.contains("^"))
    }

    @Test("Secrets are masked wherever a value is shown")
    func masks() throws {
        let url = try #require(Setting.row(.redisURL))
        #expect(url.shown("redis://me:pa@ss@host:1/0") == "redis://me:********@host:1/0")
        #expect(url.shown("redis://me:p@h") == "redis://me:********@h")
        #expect(url.shown("unix:///run/redis.sock") == "unix:///run/redis.sock")
        #expect(url.shown("me:pass@host") == "********")
        #expect(try #require(Setting.row(.tokenSecret)).shown("abc") == "********")
        let settings = try Resolution.resolve(environment: ["PORTCULLIS_TOKEN_SECRET": "sesame"])
        let node = try NodeConfiguration(settings, environment: [:])
        let rows = settings.all.map { ConfigCommand.Row($0, effective: node) }
        #expect(!ConfigCommand.table(rows).contains("sesame"))
        #expect(!ConfigCommand.json(rows).contains("sesame"))
    }

    @Test("Flags are made from the table")
    func flags() throws {
        let sources = try SettingSources.parse([
            "--max-sessions", "3", "--no-cookie-secure", "--listen=[::1]:80",
        ])
        #expect(sources.flags.values == [.maxSessions: "3", .cookieSecure: "false", .listen: "[::1]:80"])
        #expect(throws: (any Error).self) { try SettingSources.parse(["--token-secret", "x"]) }
        #expect(throws: (any Error).self) { try SettingSources.parse(["--max-session", "x"]) }
        #expect(SettingSources.helpMessage(columns: 200).contains("--limit-behaviour <revoke-oldest|deny>"))
    }
}
