import HTTPFront

extension NodeConfiguration {
    static func trustedProxies(_ entries: [String]) throws(ConfigurationError) -> TrustedProxies {
        guard let proxies = TrustedProxies(entries) else {
            throw Self.wrong(
                .trustedProxies,
                entries.first { TrustedProxies([$0]) == nil } ?? "",
                "an address or a block, as in 192.0.2.1, 10.0.0.0/8 or fd00::/8, or unix"
            )
        }
        return proxies
    }

    /// A login page on any host: it is the administrator who names it.
    static func examine(loginURL url: String?) throws(ConfigurationError) {
        guard let url else { return }
        let rest = ["https://", "http://"].first(where: url.hasPrefix).map { url.dropFirst($0.count) }
        guard let rest, let first = rest.first, !"/?#".contains(first), !url.contains("#"),
            url.utf8.allSatisfy({ (0x21...0x7E).contains($0) })
        else { throw Self.wrong(.loginURL, url, "a URL without fragment, as in https://login.example/") }
    }

    /// The hosts to which a login may lead back.
    static func hosts(_ entries: [String]) throws(ConfigurationError) -> [HostPattern] {
        var hosts: [HostPattern] = []
        for entry in entries {
            guard let host = HostPattern(entry) else {
                throw Self.wrong(
                    .loginReturnHosts,
                    entry,
                    "a host, as in app.example, *.example or app.example:8443"
                )
            }
            hosts.append(host)
        }
        return hosts
    }

    private static func wrong(_ key: SettingKey, _ value: String, _ allowed: String) -> ConfigurationError {
        ConfigurationError("\(key.rawValue): '\(PlainText.escaped(value))' must be \(allowed)")
    }
}
