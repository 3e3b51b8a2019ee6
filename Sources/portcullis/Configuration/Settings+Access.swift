import HTTPFront
import SessionAuthentication
import SessionJWT

extension Setting {
    /// Who may call, and how browsers and proxies ask.
    static let access: [Setting] = [
        Setting(
            "allowed-origins",
            "allowed-origins",
            \.front.allowedOrigins,
            .list,
            "origins beside the node's own whose pages may use the calls for browsers, as in https://app.example"
        ),
        Setting(
            "administrator-role",
            "administrator-role",
            \.front.administratorRole,
            .text(bytes: 1...64),
            "sessions with this role may use the administrators' calls"
        ),
        Setting(
            "organization-administrator-role",
            "organization-administrator-role",
            \.front.organizationAdministratorRole,
            .text(bytes: 1...64),
            "sessions with this role and an organization may see and end that organization's sessions"
        ),
        Setting(
            "trusted-proxies",
            "forward-auth.trusted-proxies",
            \.trustedProxies,
            .list,
            "whose X-Forwarded-… headers count: addresses or blocks as in 10.0.0.0/8, or unix for the unix socket"
        ),
        Setting(
            "login-url",
            "forward-auth.login-url",
            \.front.loginURL,
            .text(bytes: 1...2048),
            note: "no redirects",
            "where /check?redirect=302 (or 401) sends people who are not logged in"
        ),
        Setting(
            "login-return-hosts",
            "forward-auth.login-return-hosts",
            \.loginReturnHosts,
            .list,
            "hosts to which a login may lead back (return_to), as in app.example, *.example or app.example:8443"
        ),
        Setting(
            "record-activity",
            "forward-auth.record-activity",
            \.front.recordsActivity,
            .boolean,
            "whether what trusted proxies ask about goes into the sessions' timelines"
        ),
        Setting(
            "identity-headers",
            "identity-headers",
            \.front.identityHeaders,
            .choice(IdentityHeaders.allCases.map(\.rawValue)),
            "which headers tell who is logged in"
        ),
        Setting(
            "cookie-secure",
            "cookie.secure",
            \.isCookieSecure,
            .boolean,
            "whether the cookie travels over HTTPS only and is named __Host-session_token"
        ),
        Setting(
            "cookie-same-site",
            "cookie.same-site",
            \.cookieSameSite,
            .choice(SessionCookie.SameSite.allCases.map { $0.rawValue.lowercased() }),
            "the cookie's SameSite"
        ),
        Setting(
            "cookie-name",
            "cookie.name",
            \.cookieName,
            .text(bytes: 1...64),
            "the cookie's name; __Host- is put before it with cookie-secure"
        ),
        Setting(
            "token-secret",
            "token.secret",
            \.tokenSecret,
            .text(bytes: 1...65536),
            note: "see token-secret-file",
            secrecy: .all,
            "the secrets that sign tokens, id:base64 or id:hex, the first signs"
        ),
        Setting(
            "token-secret-file",
            "token.secret-file",
            \.tokenSecretFile,
            .path,
            note: "generated with a private Redis",
            "file of secrets that sign tokens, a line each: id:base64 or id:hex; the first signs"
        ),
        Setting(
            "service-keys-file",
            "service-keys-file",
            \.serviceKeysFile,
            .path,
            note: "no service keys",
            "file of service keys, lines as printed by 'portcullis key generate'"
        ),
        Setting(
            "jwt-secret",
            "jwt.secret",
            \.jwtSecret,
            .text(bytes: 1...65536),
            note: "see jwt-secret-file",
            secrecy: .all,
            "the secrets that sign JWTs, id:base64 or id:hex, the first signs"
        ),
        Setting(
            "jwt-secret-file",
            "jwt.secret-file",
            \.jwtSecretFile,
            .path,
            note: "no JWTs",
            "file of secrets that sign JWTs, a line each as in token-secret-file"
        ),
        Setting(
            "jwt-issuer",
            "jwt.issuer",
            \.jwt.issuer,
            .text(bytes: 1...256),
            "the iss of JWTs"
        ),
        Setting(
            "jwt-audience",
            "jwt.audience",
            \.jwt.audience,
            .text(bytes: 1...256),
            "the aud of JWTs"
        ),
        Setting(
            "jwt-lifetime",
            "jwt.lifetime",
            \.jwt.lifetime,
            .duration(JWTConfiguration.Claims.lifetimeRange),
            "how long a JWT is good, if its session lives that long"
        ),
    ]
}
