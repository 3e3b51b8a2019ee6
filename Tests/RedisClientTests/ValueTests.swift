import NIOCore
import Testing

@testable import RedisClient

@Suite("Keys, commands, replies and errors")
struct ValueTests {
    @Test("Slots are those of the Cluster specification")
    func slots() {
        #expect(CRC16.xmodem("123456789".utf8) == 0x31C3)
        #expect(RedisKey("foo").slot == 12182)
        #expect(RedisKey("{user1000}.following").slot == RedisKey("{user1000}.followers").slot)
        #expect(RedisKey("{user1000}.following").slot == RedisKey("user1000").slot)
    }

    @Test(
        "The hash tag is what lies within the first braces, unless that is nothing",
        arguments: [
            ("pc:{7}:s", "7"), ("foo{}{bar}", "foo{}{bar}"), ("foo{{bar}}zap", "{bar"),
            ("foo{bar}{zap}", "bar"),
            ("}{", "}{"), ("plain", "plain"), ("", ""),
        ]
    )
    func hashTags(key: String, tag: String) {
        #expect(Array(RedisKey(key).hashTag) == Array(tag.utf8))
    }

    @Test("Keys that Swift's strings hold equal are two keys")
    func keysAreBytes() {
        #expect("caf\u{e9}" == "cafe\u{301}")
        #expect(RedisKey("caf\u{e9}") != RedisKey("cafe\u{301}"))
    }

    @Test("A command becomes RESP, byte for byte")
    func formatting() {
        var buffer = ByteBuffer()
        let command = RedisCommand("SET").key(RedisKey("k\r\n")).arg(bytes: [0, 255]).arg("").arg(-42)
        #expect(CommandFormatter.append(command, to: &buffer))
        let expected =
            Array("*5\r\n$3\r\nSET\r\n$3\r\nk\r\n\r\n$2\r\n".utf8) + [0, 255]
            + Array("\r\n$0\r\n\r\n$3\r\n-42\r\n".utf8)
        #expect(Array(buffer.readableBytesView) == expected)
    }

    @Test("A command is routed by its first key or by what it is told")
    func routing() {
        #expect(RedisCommand("TIME").slot == nil)
        #expect(RedisCommand("DEL").key(RedisKey("foo")).key(RedisKey("bar")).slot == 12182)
        #expect(RedisCommand("PUBLISH").arg("c").arg("m").routed(by: RedisKey("foo")).slot == 12182)
    }

    @Test("A script's digest is its SHA-1")
    func digest() {
        #expect(
            RedisScript(name: "one", source: "return 1").sha1 == "e0e1f9fabfc9d4800c877a703b823ac0578ff8db"
        )
    }

    @Test(
        "An error reply's prefix is its first word in capitals",
        arguments: [
            ("NOSCRIPT No matching script", "NOSCRIPT"), ("WRONGPASS x", "WRONGPASS"), ("Odd error", "ERR"),
            ("", "ERR"), ("ERR", "ERR"), ("PC_1 x", "PC_1"), ("1A x", "ERR"),
        ]
    )
    func errorPrefixes(reply: String, prefix: String) {
        let error = RedisError(reply: reply)
        #expect(error.prefix == prefix)
        #expect(error.code == .server)
        #expect(!error.mayHaveExecuted)
    }

    @Test("An identity is read from INFO with CR LF lines")
    func identity() {
        let identity = ServerIdentity(
            serverInfo: "# Server\r\nredis_version:7.0.15\r\nrun_id:abc\r\n",
            replicationInfo: "# Replication\r\nrole:master\r\nmaster_replid:def\r\n"
        )
        #expect(
            identity
                == ServerIdentity(runID: "abc", replicationID: "def", role: "master", version: "7.0.15")
        )
        #expect(ServerIdentity(serverInfo: "run_id:abc\r\n", replicationInfo: "role:master\r\n") == nil)
    }
}

@Suite("Redis URLs")
struct URLTests {
    @Test("TCP, with user, password and database")
    func tcp() throws {
        let configuration = try RedisConfiguration.parse(
            url: "redis://app:p%40ss%2Fword@cache.example:6380/3"
        )
        #expect(configuration.endpoint == .tcp("cache.example", port: 6380))
        #expect(configuration.username == "app")
        #expect(configuration.password == "p@ss/word")
        #expect(configuration.database == 3)
        let short = try RedisConfiguration.parse(url: "redis://127.0.0.1")
        #expect(short.endpoint == .tcp("127.0.0.1", port: 6379))
        #expect(short.password == nil && short.username == nil && short.database == 0)
        #expect(try RedisConfiguration.parse(url: "redis://:secret@h/").password == "secret")
        #expect(try RedisConfiguration.parse(url: "redis://[::1]:7000").endpoint == .tcp("::1", port: 7000))
    }

    @Test("TLS")
    func tls() throws {
        #expect(try RedisConfiguration.parse(url: "rediss://h").endpoint == .tcp("h", tls: .init()))
        #expect(
            try RedisConfiguration.parse(url: "rediss://h?ca=/etc/ca.pem&server_name=redis.internal").endpoint
                == .tcp("h", tls: .init(trust: .file(path: "/etc/ca.pem"), serverName: "redis.internal"))
        )
        #expect(
            try RedisConfiguration.parse(url: "rediss://h?insecure=true").endpoint
                == .tcp("h", tls: .init(trust: .insecureAny))
        )
    }

    @Test("Unix sockets", arguments: ["unix:///run/redis.sock?db=2", "redis+unix:///run/redis.sock?db=2"])
    func unix(url: String) throws {
        let configuration = try RedisConfiguration.parse(url: url)
        #expect(configuration.endpoint == .unix("/run/redis.sock"))
        #expect(configuration.database == 2)
    }

    @Test("A unix socket with a password")
    func unixPassword() throws {
        let configuration = try RedisConfiguration.parse(url: "unix://app:pw@/run/redis.sock")
        #expect(configuration.endpoint == .unix("/run/redis.sock"))
        #expect(configuration.username == "app" && configuration.password == "pw")
    }

    @Test(
        "Everything else is refused, and the password is not repeated",
        arguments: [
            "", "h:6379", "http://h", "redis://", "redis://h/x", "redis://h/-1", "redis://h:0",
            "redis://h:99999",
            "redis://h?ca=/x", "rediss://h?insecure=yes", "rediss://h?insecure=true&ca=/x",
            "redis://h/1?db=2",
            "unix://host/path", "unix://", "redis://app@h", "redis://h?db=1&db=2",
            "redis://u:topsecret@h?x=1",
            "redis://h#f",
        ]
    )
    func refused(url: String) {
        let error = #expect(throws: RedisURLError.self) { try RedisConfiguration.parse(url: url) }
        #expect(error?.description.contains("topsecret") == false)
    }
}
