import APIValidation
import Foundation
import GatewayAPI
import SessionAuthentication
import SessionCore
import TestSupport
import Testing

@testable import HTTPFront

@Suite struct OpenAPITests {
    @Test func everyRouteHasAPlaceAndANameOfItsOwn() throws {
        let places = Routes.all.map(\.methodAndPath)
        #expect(Set(places).count == places.count, "two routes of the same method and path")
        let ids = Routes.all.map(\.id)
        #expect(Set(ids).count == ids.count, "two routes of the same id")
        for id in ids { #expect(try id.wholeMatch(of: Regex("[a-z]+([A-Z][a-z]+)*")) != nil, "\(id)") }
        for route in Routes.all {
            for text in [route.summary] + route.answerNotes {
                #expect(text.hasSuffix(".") || text.hasSuffix(")"), "\(route.id): a sentence: \(text)")
                #expect(!["It", "They"].contains(text.prefix { $0.isLetter }), "\(route.id): \(text)")
            }
        }
    }

    @Test func theDocumentHangsTogether() throws {
        let document = DocumentValidator.ours.document
        var names: [String] = []
        func walk(_ value: JSONValue) {
            switch value {
            case .array(let elements): elements.forEach(walk)
            case .object(let members):
                if let id = members["operationId"]?.text { names.append(id) }
                if let reference = members["$ref"]?.text {
                    let parts = reference.split(separator: "/").dropFirst().map(String.init)
                    let target = parts.reduce(Optional(document)) { $0?[$1] }
                    #expect(target != nil, "\(reference) leads nowhere")
                }
                members.values.forEach(walk)
            default: break
            }
        }
        walk(document)
        #expect(names.count > 20 && Set(names).count == names.count, "operationIds are unique")
        #expect(Set(Routes.all.map(\.id)).isSubset(of: names) && names.contains("checkTokenWithPost"))
        #expect(document["openapi"] == "3.1.0")
    }

    @Test func requestSchemasHaveTheFieldsThatAreRead() {
        func properties(_ schema: JSONValue) -> Set<String> {
            guard case .object(let members) = schema["properties"] else { return [] }
            return Set(members.keys)
        }
        func compare<Body: RequestBodyJSON & DescribedJSON>(_ type: Body.Type) {
            var names = properties(.object(type.schema.json))
            if case .array(let schemas) = type.schema.json["oneOf"] {
                for schema in schemas { names.formUnion(properties(schema)) }
            }
            #expect(names == type.fields, "\(type)")
        }
        for type in Routes.all.flatMap({ $0.body?.schema.references ?? [] }) {
            guard let type = type as? any (RequestBodyJSON & DescribedJSON).Type else { continue }
            compare(type)
        }
    }

    @Test func theDocumentHasEveryCodeAndSaysWhatItMeans() {
        func compare<Code: DescribedCode>(_ type: Code.Type, _ schema: JSONValue?) {
            let codes = Code.allCases.map(\.rawValue)
            #expect(schema?["enum"] == .array(codes.map { .string($0) }))
            for code in Code.allCases {
                let line = "- `\(code.rawValue)`: \(code.meaning)"
                #expect(schema?["description"]?.text?.contains(line) ?? false, "\(line)")
                #expect(code.rawValue.allSatisfy { $0 == "_" || $0.isLowercase }, "\(code)")
            }
        }
        let schemas = DocumentValidator.ours.document["components"]?["schemas"]
        compare(ProblemCode.self, schemas?["Problem"]?["properties"]?["code"])
        compare(OAuthErrorCode.self, schemas?["OAuthError"]?["properties"]?["error"])
        for denial in CheckDenial.allCases { #expect(ProblemCode(denial).rawValue == denial.code) }
    }

    @Test func theSchemasKnowEveryWayToEndASession() {
        let status = SessionJSON.schema.json["properties"]?["status"]?["enum"]
        #expect(status == .array((["active"] + EndKind.allCases.map(\.rawValue)).map { .string($0) }))
    }

    @Test func theSchemasKnowEverySettingAndPreset() {
        let settings = SettingSchemas.values
        #expect(settings.map(\.key) == PolicySetting.allCases.map(\.rawValue))
        for (name, schema) in settings {
            let range = PolicySetting(rawValue: name)?.range
            #expect(schema.json["minimum"] == range.map { .integer($0.lowerBound) }, "\(name)")
            #expect(schema.json["maximum"] == range.map { .integer($0.upperBound) }, "\(name)")
        }
        let behaviors = SessionPolicy.LimitBehaviour.allCases.map { JSONValue.string($0.rawValue) }
        #expect(settings.first { $0.key == "limitBehaviour" }?.value.json["enum"] == .array(behaviors))
        let presets = SessionPreset.allCases.map { JSONValue.string($0.rawValue) }
        let preset = CreateSessionJSON.schema.json["properties"]?["preset"]?["enum"]
        #expect(preset == .array(presets + [.null]))
        let kinds = SessionJSON.schema.json["properties"]?["device"]?["properties"]?["kind"]?["enum"]
        #expect(kinds == .array(Device.Kind.allCases.map { .string($0.rawValue) }))
    }

    @Test func namesInTheDocumentAreThoseThatAreTaken() throws {
        let pattern = try #require(Schema.name.json["pattern"]?.text)
        let regex = try Regex(pattern).matchingSemantics(.unicodeScalar)
        for scalar in (UInt32(0)..<0x3000).compactMap(Unicode.Scalar.init) {
            let text = "a" + String(scalar)
            let isTaken = (try? InputRules.name(text, field: "x")) != nil
            #expect((text.firstMatch(of: regex) != nil) == isTaken, "U+\(String(scalar.value, radix: 16))")
        }
    }

    @Test func isServed() async throws {
        try await withFront { front in
            let answer = try await front.call("GET", "/openapi.json")
            #expect(answer.status == 200 && answer["Content-Type"] == "application/json")
            let served = try JSONDecoder().decode(JSONValue.self, from: Data(answer.body.utf8))
            #expect(served == DocumentValidator.ours.document)
        }
    }

    /// The validator says what is wrong with these, or it would say nothing about real answers either.
    @Test(
        arguments: [
            ("GET", "/health/live", 200, "application/json", #"{"status":"live"}"#, nil),
            ("HEAD", "/health/live", 200, "application/json", "", nil),
            ("GET", "/health/live", 503, "application/problem+json", "{}", "does not list status 503"),
            ("GET", "/health/live", 200, "text/html", "<p>", "content type is text/html"),
            ("GET", "/health/live", 200, "application/json", "{", "not JSON"),
            ("GET", "/health/live", 200, "application/json", "{}", "status is missing"),
            ("GET", "/health/live", 200, "application/json", #"{"status":1}"#, "is not"),
            (
                "GET", "/health/live", 200, "application/json", #"{"status":"a","more":1}"#,
                "more: is not in the document"
            ),
            ("GET", "/nothing", 200, "application/json", "{}", "path or method"),
            ("PUT", "/health/live", 200, "application/json", "{}", "path or method"),
            ("PROPFIND", "/check", 204, "", "", nil),
            ("GET", "/check", 204, "text/plain", "x", "the document has none"),
            ("GET", "/check", 401, "application/problem+json", "{}", "WWW-Authenticate is missing"),
            (
                "DELETE", "/api/auth/sessions/others", 200, "application/json",
                #"{"ended":1,"nodes":1,"applied":1,"lapsed":0,"ms":0.5}"#, nil
            ),
            ("DELETE", "/api/admin/sessions", 200, "application/json", "{}", "not exactly one"),
            (
                "GET", "/api/admin/nodes", 200, "application/json",
                #"{"nodes":[{"id":"a","name":"","version":"1","startedAt":"now","leaseMs":1,"live":true,"current":true}]}"#,
                "$.nodes[0].startedAt: is no time"
            ),
        ] as [(String, String, Int, String, String, String?)]
    )
    func theValidatorBites(
        _ method: String,
        _ path: String,
        _ status: Int,
        _ type: String,
        _ body: String,
        _ expected: String?
    ) {
        let headers = type.isEmpty ? [] : ["content-type: \(type)"]
        let response = RawResponse(status: status, statusLine: "", headers: headers, body: body)
        let faults = DocumentValidator.ours.faults(method, path, response)
        if let expected {
            #expect(faults.contains { $0.contains(expected) }, "\(faults)")
        } else {
            #expect(faults.isEmpty, "\(faults)")
        }
    }
}
