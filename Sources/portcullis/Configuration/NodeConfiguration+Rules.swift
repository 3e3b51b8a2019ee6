import HTTPFront
import SessionAuthentication
import SessionCore
import SessionGateway

/// Rules between settings, in one place: a single setting's range stands in its row.
extension NodeConfiguration {
    /// Refuses settings that do not go together, and those whose rule is more than a range.
    func examine(_ settings: Resolution) throws(ConfigurationError) {
        switch (self.tlsCertificate, self.tlsKey) {
        case (.some, nil): throw ConfigurationError("tls-certificate is given without tls-key")
        case (nil, .some): throw ConfigurationError("tls-key is given without tls-certificate")
        case (nil, nil), (.some, .some): break
        }
        for (text, file) in [
            (SettingKey.tokenSecret, SettingKey.tokenSecretFile), (.jwtSecret, .jwtSecretFile),
        ]
        where settings.entry(text)?.value != nil && settings.entry(file)?.value != nil {
            let origins = [text, file].compactMap { settings.entry($0)?.origin }
            throw ConfigurationError(
                "\(text.rawValue) and \(file.rawValue) exclude each other; both are given: "
                    + origins.map(\.description).joined(separator: ", ")
            )
        }
        // RFC 6265 4.1.1: a token. A prefix of one's own would make promises that the attributes may not keep.
        guard self.cookieName.utf8.allSatisfy(Self.isTokenCharacter), !self.cookieName.hasPrefix("__") else {
            throw ConfigurationError(
                "cookie-name: must be letters, digits and !#$%&'*+-.^_`|~, and not begin with two underscores"
            )
        }
        guard self.front.organizationAdministratorRole != self.front.administratorRole else {
            throw ConfigurationError(
                "organization-administrator-role: must not be the administrator-role, which opens everything"
            )
        }
        if self.cookieSameSite == .none, !self.isCookieSecure {
            throw ConfigurationError(
                "cookie-same-site none needs cookie-secure: browsers refuse the cookie else"
            )
        }
        for origin in self.front.allowedOrigins.sorted() {
            let rest = ["https://", "http://"].first(where: origin.hasPrefix).map {
                origin.dropFirst($0.count)
            }
            guard let rest, !rest.isEmpty, !rest.contains(where: { "/?#@ ".contains($0) }) else {
                throw ConfigurationError(
                    "allowed-origins: '\(PlainText.escaped(origin))' must be scheme, host and port only, as in "
                        + "https://app.example"
                )
            }
        }
        guard self.gateway.keyPrefix.utf8.allSatisfy({ !"{}:*?[] ".utf8.contains($0) }) else {
            throw ConfigurationError("key-prefix: must not contain braces, brackets, colons, * ? or spaces")
        }
    }

    private static func isTokenCharacter(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        default: "!#$%&'*+-.^_`|~".utf8.contains(byte)
        }
    }

    /// What follows from other settings: timeouts that nobody gave, hosts and proxies as the front compares them.
    mutating func settle(_ settings: Resolution) throws(ConfigurationError) {
        // `SESSION_TIMEOUT_DAYS=7` alone must not fall foul of a 24 h that nobody asked for.
        var policy = self.gateway.policy
        if !settings.isGiven(.absoluteTimeout) {
            policy.absoluteTimeout = max(policy.absoluteTimeout, policy.idleTimeout)
        }
        if !settings.isGiven(.rememberAbsoluteTimeout) {
            policy.rememberAbsoluteTimeout = max(policy.rememberAbsoluteTimeout, policy.rememberIdleTimeout)
        }
        do {
            try policy.validate()
        } catch {
            let origins = [
                SettingKey.idleTimeout, .absoluteTimeout, .rememberIdleTimeout, .rememberAbsoluteTimeout,
                .rotationInterval,
            ]
            .filter(settings.isGiven)
            .compactMap { key in settings.entry(key).map { "\(key.rawValue) from \($0.origin)" } }
            throw ConfigurationError("\(error.field) \(error.reason) (\(origins.joined(separator: ", ")))")
        }
        self.gateway.policy = policy
        self.front.trustedProxies = try Self.trustedProxies(self.trustedProxies)
        self.front.loginReturnHosts = try Self.hosts(self.loginReturnHosts)
        try Self.examine(loginURL: self.front.loginURL)
    }
}
