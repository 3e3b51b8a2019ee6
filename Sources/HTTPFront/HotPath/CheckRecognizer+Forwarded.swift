import SessionAuthentication

extension CheckRecognizer {
    /// Whether a recognized request says which request it asks about.
    static func isForwarded(_ bytes: UnsafePointer<UInt8>, length: Int) -> Bool {
        let uri: StaticString = "x-forwarded-uri"
        let url: StaticString = "x-original-url"
        // It is recognized, so it ends in an empty line, and every line but the first is a field.
        var position = 0
        while position < length {
            if bytes[position] == 0x0A, position + 1 + uri.utf8CodeUnitCount < length {
                let name = bytes + position + 1
                if ByteScan.matches(name, uri) && name[uri.utf8CodeUnitCount] == UInt8(ascii: ":")
                    || ByteScan.matches(name, url) && name[url.utf8CodeUnitCount] == UInt8(ascii: ":")
                {
                    return true
                }
            }
            position += 1
        }
        return false
    }
}
