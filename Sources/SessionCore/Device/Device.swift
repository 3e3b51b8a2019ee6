/// What a `User-Agent` says of the client: which browser, which system, which kind of machine. For people to
/// recognize their sessions by; anybody can send anything, so nothing may be decided by it.
///
/// Computed when a session is shown and never stored, so that a better parser is true of old sessions too.
/// iPadOS says that it is a Mac; Windows 11 that it is Windows 10. Versions of systems are therefore not told.
public struct Device: Sendable, Equatable {
    /// The kind of machine.
    public enum Kind: String, Sendable, CaseIterable {
        case desktop, phone, tablet
        /// A crawler or another program that says so, or a browser driven by a program.
        case bot
        /// Programs such as curl, televisions, consoles, and what is not known.
        case other
    }

    /// `Firefox`, `Chrome`, `Safari`, `curl`, …; `nil` when it is not known.
    public let browser: String?
    /// The browser's version up to the first dot: `128`.
    public let browserVersion: String?
    /// `Windows`, `macOS`, `iOS`, `iPadOS`, `Android`, `Linux`, …; `nil` when it is not known.
    public let os: String?
    /// What it runs on.
    public let kind: Kind

    /// Reads a `User-Agent`; never fails.
    public init(userAgent: String) {
        let text = UserAgentText(userAgent)
        let client = Self.clients.first { text.hasProduct($0.token) }
        if let client {
            self.browser = client.name
            self.browserVersion = Self.major(text.products[client.versionToken])
        } else {
            self.browser = Self.internetExplorer(text) == nil ? nil : "Internet Explorer"
            self.browserVersion = Self.internetExplorer(text).flatMap { Self.major($0) }
        }
        let system = Self.system(text)
        self.os = system?.os
        if Self.isBot(text) {
            self.kind = .bot
        } else if let client, client.isProgram {
            self.kind = .other
        } else {
            self.kind = system?.kind ?? .other
        }
    }

    private static func system(_ text: UserAgentText) -> (os: String, kind: Kind)? {
        // Television sets and consoles name Linux, Android or Windows too.
        if text.words.contains(where: { $0.contains("smart-tv") || $0.contains("smarttv") }) {
            return (text.hasComment("tizen") ? "Tizen" : "TV", .other)
        }
        if text.hasComment("playstation") { return ("PlayStation", .other) }
        if text.hasComment("nintendo") { return ("Nintendo", .other) }
        if text.hasComment("xbox") { return ("Xbox", .other) }
        if text.hasComment("windows phone") { return ("Windows Phone", .phone) }
        if text.hasComment("ipad") { return ("iPadOS", .tablet) }
        if text.hasComment("iphone") || text.hasComment("ipod") { return ("iOS", .phone) }
        if text.hasComment("kaios") || text.hasProduct("kaios") { return ("KaiOS", .phone) }
        if text.hasComment("android") || text.comments.contains(where: { $0.contains(" android ") }) {
            // Phones say "Mobile", in Firefox within the comment; tablets leave it out.
            let isPhone = text.hasProduct("mobile") || text.comments.contains("mobile")
            return ("Android", isPhone ? .phone : .tablet)
        }
        if text.hasComment("openharmony") || text.hasComment("harmonyos") {
            let isPhone = text.hasComment("phone") || text.hasProduct("mobile")
            return ("HarmonyOS", isPhone ? .phone : .tablet)
        }
        if text.hasComment("windows") { return ("Windows", .desktop) }
        if text.hasComment("macintosh") || text.hasComment("mac os x") { return ("macOS", .desktop) }
        if text.hasComment("cros ") { return ("ChromeOS", .desktop) }
        for (name, os) in [("freebsd", "FreeBSD"), ("openbsd", "OpenBSD"), ("netbsd", "NetBSD")]
        where text.hasComment(name) { return (os, .desktop) }
        if text.hasComment("linux") || text.hasComment("x11") || text.hasComment("ubuntu") {
            return ("Linux", .desktop)
        }
        // Programs with Apple's networking say only the kernel.
        if text.hasProduct("darwin") { return ("Darwin", .other) }
        return nil
    }

    /// Crawlers name themselves `…bot`, `…spider` or `…crawler`, or give an address where they are explained.
    private static func isBot(_ text: UserAgentText) -> Bool {
        if text.hasProduct("headlesschrome") || text.hasProduct("phantomjs") { return true }
        return text.words.contains { word in
            if word.hasPrefix("+http") || word.contains(" +http") { return true }
            if word.contains("crawler") || word.contains("spider") || word.contains("slurp") { return true }
            return Self.namesBot(Array(word.utf8))
        }
    }

    /// Whether a word ends in "bot". Cubot is a maker of phones.
    private static func namesBot(_ word: [UInt8]) -> Bool {
        let bot = Array("bot".utf8)
        guard word.count >= bot.count else { return false }
        for start in 0...(word.count - bot.count) where word[start..<(start + bot.count)].elementsEqual(bot) {
            let end = start + bot.count
            let isEnd =
                end == word.count || !(UInt8(ascii: "a")...UInt8(ascii: "z")).contains(word[end])
            let isMaker = start >= 2 && word[(start - 2)..<start].elementsEqual("cu".utf8)
            if isEnd, !isMaker { return true }
        }
        return false
    }

    /// The version of an Internet Explorer: 11 leaves its name out.
    private static func internetExplorer(_ text: UserAgentText) -> String? {
        if let piece = text.comments.first(where: { $0.hasPrefix("msie ") }) {
            return String(piece.dropFirst("msie ".count))
        }
        guard text.hasComment("trident/"), let piece = text.comments.first(where: { $0.hasPrefix("rv:") })
        else { return nil }
        return String(piece.dropFirst("rv:".count))
    }

    private static func major(_ version: String?) -> String? {
        guard let digits = version?.prefix(while: { $0.isASCII && $0.isNumber }), !digits.isEmpty,
            digits.utf8.count <= 5
        else { return nil }
        return String(digits)
    }
}
