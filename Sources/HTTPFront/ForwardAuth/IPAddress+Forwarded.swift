import SessionCore

extension IPAddress {
    /// Reads an entry of `X-Forwarded-For`, which some proxies write with a port: `192.0.2.1:80`, `[2001:db8::1]:80`.
    init?(forwarded text: some StringProtocol) {
        self.init(withPort: text.drop { $0 == " " || $0 == "\t" }.prefix { $0 != " " && $0 != "\t" })
    }
}
