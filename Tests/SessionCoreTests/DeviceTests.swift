import SessionCore
import Testing

@Suite struct DeviceTests {
    struct Row: Sendable, CustomTestStringConvertible {
        let agent: String
        let browser: String?
        let version: String?
        let os: String?
        let kind: Device.Kind

        init(_ agent: String, _ browser: String?, _ version: String?, _ os: String?, _ kind: Device.Kind) {
            self.agent = agent
            self.browser = browser
            self.version = version
            self.os = os
            self.kind = kind
        }

        var testDescription: String { "\(self.browser ?? "?") on \(self.os ?? "?")" }
    }

    private static let webKit = "AppleWebKit/537.36 (KHTML, like Gecko)"
    private static let appleWebKit = "AppleWebKit/605.1.15 (KHTML, like Gecko)"

    static let rows: [Row] = [
        Row(
            "Mozilla/5.0 (Windows NT 10.0; Win64; x64) \(webKit) Chrome/126.0.0.0 Safari/537.36",
            "Chrome",
            "126",
            "Windows",
            .desktop
        ),
        Row(
            "Mozilla/5.0 (Windows NT 10.0; Win64; x64) \(webKit) Chrome/126.0.0.0 Safari/537.36 Edg/126.0.2592.87",
            "Edge",
            "126",
            "Windows",
            .desktop
        ),
        Row(
            "Mozilla/5.0 (Windows NT 10.0; Win64; x64) \(webKit) Chrome/124.0.0.0 Safari/537.36 OPR/110.0.0.0",
            "Opera",
            "110",
            "Windows",
            .desktop
        ),
        Row(
            "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) \(appleWebKit) Version/17.5 Safari/605.1.15",
            "Safari",
            "17",
            "macOS",
            .desktop
        ),
        Row(
            "Mozilla/5.0 (Macintosh; Intel Mac OS X 10.15; rv:127.0) Gecko/20100101 Firefox/127.0",
            "Firefox",
            "127",
            "macOS",
            .desktop
        ),
        Row(
            "Mozilla/5.0 (X11; Ubuntu; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0",
            "Firefox",
            "128",
            "Linux",
            .desktop
        ),
        Row(
            "Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) \(webKit) Chrome/125.0.0.0 Safari/537.36",
            "Chrome",
            "125",
            "ChromeOS",
            .desktop
        ),
        Row(
            "Mozilla/5.0 (X11; FreeBSD amd64; rv:115.0) Gecko/20100101 Firefox/115.0",
            "Firefox",
            "115",
            "FreeBSD",
            .desktop
        ),
        Row(
            "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5_1 like Mac OS X) \(appleWebKit) Version/17.5 Mobile/15E148 "
                + "Safari/604.1",
            "Safari",
            "17",
            "iOS",
            .phone
        ),
        Row(
            "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) \(appleWebKit) CriOS/126.0.6478.54 "
                + "Mobile/15E148 Safari/604.1",
            "Chrome",
            "126",
            "iOS",
            .phone
        ),
        Row(
            "Mozilla/5.0 (iPad; CPU OS 16_6 like Mac OS X) \(appleWebKit) FxiOS/127.0 Mobile/15E148 Safari/605.1.15",
            "Firefox",
            "127",
            "iPadOS",
            .tablet
        ),
        Row(
            "Mozilla/5.0 (Linux; Android 10; K) \(webKit) Chrome/126.0.0.0 Mobile Safari/537.36",
            "Chrome",
            "126",
            "Android",
            .phone
        ),
        Row(
            "Mozilla/5.0 (Linux; Android 13; SM-X710) \(webKit) SamsungBrowser/25.0 Chrome/121.0.0.0 Safari/537.36",
            "Samsung Internet",
            "25",
            "Android",
            .tablet
        ),
        Row(
            "Mozilla/5.0 (Android 14; Mobile; rv:127.0) Gecko/127.0 Firefox/127.0",
            "Firefox",
            "127",
            "Android",
            .phone
        ),
        Row(
            "Mozilla/5.0 (Android 14; Tablet; rv:127.0) Gecko/127.0 Firefox/127.0",
            "Firefox",
            "127",
            "Android",
            .tablet
        ),
        Row(
            "Mozilla/5.0 (Linux; Android 11; CUBOT NOTE 20) \(webKit) Chrome/126.0.0.0 Mobile Safari/537.36",
            "Chrome",
            "126",
            "Android",
            .phone
        ),
        Row(
            "Mozilla/5.0 (Windows NT 10.0; WOW64; Trident/7.0; rv:11.0) like Gecko",
            "Internet Explorer",
            "11",
            "Windows",
            .desktop
        ),
        Row(
            "Mozilla/4.0 (compatible; MSIE 8.0; Windows NT 6.1; Trident/4.0)",
            "Internet Explorer",
            "8",
            "Windows",
            .desktop
        ),
        Row(
            "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
            nil,
            nil,
            nil,
            .bot
        ),
        Row(
            "Mozilla/5.0 (Linux; Android 6.0.1; Nexus 5X) \(webKit) Chrome/126.0.0.0 Mobile Safari/537.36 "
                + "(compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
            "Chrome",
            "126",
            "Android",
            .bot
        ),
        Row("Baiduspider+(+http://www.baidu.com/search/spider.htm)", nil, nil, nil, .bot),
        Row(
            "Mozilla/5.0 (X11; Linux x86_64) \(webKit) HeadlessChrome/126.0.0.0 Safari/537.36",
            "Chrome",
            "126",
            "Linux",
            .bot
        ),
        Row("curl/8.5.0", "curl", "8", nil, .other),
        Row("python-requests/2.32.3", "Python Requests", "2", nil, .other),
        Row("MyApp/1 CFNetwork/1496.0.7 Darwin/23.5.0", "CFNetwork", "1496", "Darwin", .other),
        Row(
            "Mozilla/5.0 (SMART-TV; LINUX; Tizen 6.0) \(webKit) 76.0.3809.146/6.0 TV Safari/537.36",
            "Safari",
            nil,
            "Tizen",
            .other
        ),
        Row("Mozilla/5.0 (PlayStation; PlayStation 5/2.26) \(appleWebKit)", nil, nil, "PlayStation", .other),
        Row("", nil, nil, nil, .other),
        Row("   ", nil, nil, nil, .other),
        Row("(((((", nil, nil, nil, .other),
        Row(")))) ; / // Chrome/", "Chrome", nil, nil, .other),
        Row("Chrome/99999999999999999999.1", "Chrome", nil, nil, .other),
        Row("<script>alert(1)</script>", nil, nil, nil, .other),
    ]

    @Test(arguments: rows)
    func saysWhatTheUserAgentSays(row: Row) {
        let device = Device(userAgent: row.agent)
        #expect(device.browser == row.browser)
        #expect(device.browserVersion == row.version)
        #expect(device.os == row.os)
        #expect(device.kind == row.kind)
    }

    @Test func onlyTheFirst512BytesAreLookedAt() {
        let filler = String(repeating: "x", count: 512)
        #expect(Device(userAgent: filler + " Firefox/1").browser == nil)
        #expect(Device(userAgent: "Firefox/1 " + filler).browser == "Firefox")
    }

    @Test func noUserAgentNoDevice() {
        var details = SessionDetails()
        #expect(details.device == nil)
        details.userAgent = "curl/8"
        #expect(details.device?.browser == "curl")
    }
}
