import Foundation
package import GatewayAPI
import HTTPFront
package import TestSupport

/// Compares answers with the OpenAPI document: is the status listed for the operation, are the headers there that it
/// promises, is the body of the type and shape that it names?
package struct DocumentValidator: Sendable {
    /// Of all routes, read back from the text that is served.
    package static let ours = DocumentValidator(
        (try? JSONDecoder().decode(
            JSONValue.self,
            from: Data(OpenAPIDocument(routes: Routes.all, cookie: "session_token").bytes)
        )) ?? .null
    )

    /// The document.
    package let document: JSONValue
    private let schemas: SchemaValidator

    init(_ document: JSONValue) {
        self.document = document
        var schemas: [String: JSONValue] = [:]
        if case .object(let named) = document["components"]?["schemas"] { schemas = named }
        self.schemas = SchemaValidator(schemas: schemas)
    }

    /// What is wrong with the answer to a request.
    package func faults(_ method: String, _ target: String, _ response: RawResponse) -> [String] {
        // A preflight belongs to the Fetch standard and is no operation.
        if method == "OPTIONS", response["Access-Control-Allow-Methods"] != nil { return [] }
        let path = String(target.prefix { $0 != "?" })
        guard let item = self.pathItem(path) else {
            return self.undescribed([404], response, isHead: method == "HEAD")
        }
        guard let operation = self.operation(method, item) else {
            return self.undescribed([405], response, isHead: method == "HEAD")
        }
        guard var described = operation["responses"]?["\(response.status)"] else {
            return ["the document does not list status \(response.status): add it to the route's row"]
        }
        if case .string(let reference) = described["$ref"], let name = reference.split(separator: "/").last {
            described = self.document["components"]?["responses"]?[String(name)] ?? .null
        }
        return self.headerFaults(response, described)
            + (method == "HEAD" ? [] : self.bodyFaults(response, described))
    }

    /// The item of the path with the most literal segments.
    private func pathItem(_ path: String) -> JSONValue? {
        guard case .object(let paths) = self.document["paths"] else { return nil }
        let segments = path.split(separator: "/")
        let matching = paths.filter { pattern, item in
            let parts = pattern.split(separator: "/")
            let takesRest = item["x-every-path"] == true
            return (takesRest ? parts.count - 1 <= segments.count : parts.count == segments.count)
                && zip(parts, segments).allSatisfy { $0.hasPrefix("{") || $0 == $1 }
        }
        return matching.min { $0.key.count(where: { $0 == "{" }) < $1.key.count(where: { $0 == "{" }) }?.value
    }

    private func operation(_ method: String, _ item: JSONValue) -> JSONValue? {
        if let operation = item[method.lowercased()] { return operation }
        return method == "HEAD" || item["x-every-method"] == true ? item["get"] : nil
    }

    /// For what is not in the document, only certain problems will do.
    private func undescribed(_ statuses: Set<Int>, _ response: RawResponse, isHead: Bool) -> [String] {
        guard statuses.contains(response.status) else {
            return [
                "status \(response.status) for a path or method that the document does not have: a new route needs a "
                    + "row in HTTPFront/Routes"
            ]
        }
        return isHead ? [] : self.problemFaults(response)
    }

    /// What is wrong with the answer to what is no request of the document's.
    package func problemFaults(_ response: RawResponse) -> [String] {
        guard response.status >= 400 else { return ["status \(response.status) is none of a refusal"] }
        return self.bodyFaults(response, self.document["components"]?["responses"]?["404"] ?? .null)
    }

    private func headerFaults(_ response: RawResponse, _ described: JSONValue) -> [String] {
        guard case .object(let headers) = described["headers"] else { return [] }
        return headers.filter { $0.value["required"] == true && response[$0.key] == nil }
            .map { "the header \($0.key) is missing" }
    }

    private func bodyFaults(_ response: RawResponse, _ described: JSONValue) -> [String] {
        guard case .object(let content) = described["content"] else {
            return response.body.isEmpty ? [] : ["there is a body, and the document has none"]
        }
        let type = response["Content-Type"].map { String($0.prefix { $0 != ";" }) } ?? "(none)"
        guard let schema = content[type]?["schema"] else {
            return ["the content type is \(type), the document has \(content.keys.sorted())"]
        }
        guard type.hasSuffix("json") else { return [] }
        guard let body = try? JSONDecoder().decode(JSONValue.self, from: Data(response.body.utf8)) else {
            return ["the body is not JSON"]
        }
        return self.schemas.faults(of: body, schema)
    }
}
