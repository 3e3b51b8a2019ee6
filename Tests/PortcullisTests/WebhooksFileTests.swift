import Notifications
import Testing

@testable import portcullis

@Suite("The file of webhooks")
struct WebhooksFileTests {
    private static let secret = "0123456789abcdef0123456789abcdef"

    private func problems(_ text: String) -> String {
        do {
            _ = try WebhooksFile.parse(text, source: "hooks.yaml", issuer: "gate")
            return ""
        } catch {
            return "\(error)"
        }
    }

    @Test("YAML and JSON give the same receivers")
    func formats() throws {
        let yaml = """
            - name: shop
              url: https://shop.example/hooks
              secret: \(Self.secret)
              kinds: [revoked, logged-out]
              organizations:
                - acme
            - {name: idp, url: "https://rp.example/logout", secret: \(Self.secret), format: backchannel-logout, client_id: shop}
            - name: sink
              url: http://127.0.0.1:9/set
              secret: \(Self.secret)
              format: caep
              audience: https://rp.example
              issuer: https://gate.example
            """
        let json = """
            [{"name": "shop", "url": "https://shop.example/hooks", "secret": "\(Self.secret)",
              "kinds": ["revoked", "logged-out"], "organizations": ["acme"]},
             {"name": "idp", "url": "https://rp.example/logout", "secret": "\(Self.secret)",
              "format": "backchannel-logout", "client_id": "shop"},
             {"name": "sink", "url": "http://127.0.0.1:9/set", "secret": "\(Self.secret)", "format": "caep",
              "audience": "https://rp.example", "issuer": "https://gate.example"}]
            """
        let receivers = try WebhooksFile.parse(yaml, source: "hooks.yaml", issuer: "gate")
        #expect(try WebhooksFile.parse(json, source: "hooks.json", issuer: "gate") == receivers)
        #expect(receivers.map(\.name) == ["shop", "idp", "sink"])
        #expect(receivers.map(\.format) == [.json, .backchannelLogout, .caep])
        #expect(receivers.map(\.issuer) == ["gate", "gate", "https://gate.example"])
        #expect(receivers.map(\.audience) == ["", "shop", "https://rp.example"])
    }

    @Test(
        "What is wrong is said, with the line",
        arguments: [
            ("{}", "must hold a list"), ("", "must hold a list"),
            ("- x", "hooks.yaml:1: receiver: must be a mapping"),
            ("- {name: a, url: 'https://a.example'}", "hooks.yaml:1: secret: is needed"),
            ("\n- {nam: a}", "hooks.yaml:2: nam: is no field of a receiver; did you mean 'name'?"),
            ("- {name: [a]}", "name: must be a text"), ("- {kinds: revoked}", "kinds: must be a list"),
            ("- {name: a, format: xml}", "format: must be json, backchannel-logout, caep"),
            ("- {name: a, client_id: x}", "client_id: is not for the format json"),
            ("- {name: a, format: caep, client_id: x}", "client_id: is not for the format caep"),
            ("- {name: a, issuer: x}", "issuer: is for tokens only"),
            ("- [", "neither YAML nor JSON"),
        ]
    )
    func refusals(text: String, problem: String) {
        #expect(self.problems(text).contains(problem), "\(self.problems(text))")
    }

    @Test("Names are there once, and every wrong receiver is named, without its secret")
    func many() {
        let good = "{name: a, url: 'https://a.example', secret: \(Self.secret)}"
        #expect(self.problems("- \(good)\n- \(good)").contains("hooks.yaml:2: name: 'a' is there twice"))
        let wrong =
            "- {name: a, url: 'http://a.example', secret: \(Self.secret)}\n- {name: b, url: x, secret: geheim}"
        let problems = self.problems(wrong)
        #expect(problems.contains("hooks.yaml:1: url") && problems.contains("hooks.yaml:2: url"))
        #expect(!problems.contains("geheim") && !problems.contains(Self.secret))
    }
}
