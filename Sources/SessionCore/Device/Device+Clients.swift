extension Device {
    /// A product by which a browser or program is known.
    struct Client: Sendable {
        /// The product's name in small letters.
        let token: String
        let name: String
        /// The product whose version counts: Safari's own is that of its engine.
        let versionToken: String
        let isProgram: Bool

        init(_ token: String, _ name: String, version: String? = nil, isProgram: Bool = false) {
            self.token = token
            self.name = name
            self.versionToken = version ?? token
            self.isProgram = isProgram
        }
    }

    /// Browsers name those that they want to be taken for too: Edge says Chrome and Safari, Chrome says Safari. So
    /// the order matters; whoever is named by the fewest others comes first.
    static let clients: [Client] = [
        Client("edg", "Edge"), Client("edga", "Edge"), Client("edgios", "Edge"), Client("edge", "Edge"),
        Client("opr", "Opera"), Client("opios", "Opera"), Client("opera", "Opera", version: "version"),
        Client("vivaldi", "Vivaldi"), Client("yabrowser", "Yandex Browser"),
        Client("samsungbrowser", "Samsung Internet"), Client("duckduckgo", "DuckDuckGo"),
        Client("ddg", "DuckDuckGo"), Client("ucbrowser", "UC Browser"), Client("miuibrowser", "Mi Browser"),
        Client("huaweibrowser", "Huawei Browser"), Client("silk", "Silk"), Client("brave", "Brave"),
        Client("seamonkey", "SeaMonkey"), Client("focus", "Firefox Focus"), Client("fxios", "Firefox"),
        Client("firefox", "Firefox"), Client("crios", "Chrome"), Client("headlesschrome", "Chrome"),
        Client("chromium", "Chromium"), Client("electron", "Electron"), Client("chrome", "Chrome"),
        Client("safari", "Safari", version: "version"),
        Client("curl", "curl", isProgram: true), Client("wget", "Wget", isProgram: true),
        Client("python-requests", "Python Requests", isProgram: true),
        Client("python-urllib", "Python urllib", isProgram: true),
        Client("aiohttp", "aiohttp", isProgram: true), Client("go-http-client", "Go", isProgram: true),
        Client("okhttp", "OkHttp", isProgram: true), Client("java", "Java", isProgram: true),
        Client("apache-httpclient", "Apache HttpClient", isProgram: true),
        Client("postmanruntime", "Postman", isProgram: true), Client("insomnia", "Insomnia", isProgram: true),
        Client("axios", "axios", isProgram: true), Client("node", "Node.js", isProgram: true),
        Client("node-fetch", "Node.js", isProgram: true), Client("undici", "Node.js", isProgram: true),
        Client("dart", "Dart", isProgram: true), Client("cfnetwork", "CFNetwork", isProgram: true),
        Client("powershell", "PowerShell", isProgram: true),
        Client("windowspowershell", "PowerShell", isProgram: true),
    ]
}

extension SessionDetails {
    /// The device that the user agent tells of; `nil` when there is no user agent.
    public var device: Device? { self.userAgent.map { Device(userAgent: $0) } }
}
