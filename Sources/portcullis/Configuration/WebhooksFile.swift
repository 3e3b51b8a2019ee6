import Foundation
import Notifications
import SessionCore
import Yams

/// The file of those who receive webhooks, YAML or JSON: a list of
/// `{name, url, secret, format, client_id | audience, issuer, kinds, organizations}`.
enum WebhooksFile {
    private static let largestFile = 1 << 20
    private static let mostReceivers = 100
    private static let fields = [
        "name", "url", "secret", "format", "client_id", "audience", "issuer", "kinds", "organizations",
    ]

    /// Reads the text of a file called `source`.
    /// - Parameter issuer: the `iss` of tokens where a receiver says none.
    /// - Throws: ``ConfigurationError`` with all that is wrong, but nothing of a secret.
    static func parse(
        _ text: String,
        source: String,
        issuer: String
    ) throws(ConfigurationError) -> [WebhookReceiver] {
        let name = PlainText.escaped(source)
        guard text.utf8.count <= Self.largestFile else {
            throw ConfigurationError("'\(name)' is longer than 1 MiB")
        }
        let root: Yams.Node?
        do {
            root = try Yams.compose(yaml: text)
        } catch {
            // What a parser says of a mistake may quote the line, and that may be a secret.
            throw ConfigurationError("'\(name)' is neither YAML nor JSON")
        }
        guard let list = root?.sequence else {
            throw ConfigurationError("'\(name)' must hold a list of receivers")
        }
        guard list.count <= Self.mostReceivers else {
            throw ConfigurationError("'\(name)' has more than \(Self.mostReceivers) receivers")
        }
        var receivers: [WebhookReceiver] = []
        var problems: [String] = []
        for node in list {
            let line = node.mark?.line ?? 1
            do throws(InputError) {
                let receiver = try self.receiver(node, issuer)
                guard !receivers.contains(where: { $0.name == receiver.name }) else {
                    throw InputError(field: "name", reason: "'\(receiver.name)' is there twice")
                }
                receivers.append(receiver)
            } catch {
                problems.append("\(name):\(line): \(PlainText.escaped("\(error.field): \(error.reason)"))")
            }
        }
        guard problems.isEmpty else { throw ConfigurationError(problems) }
        return receivers
    }

    private static func receiver(_ node: Yams.Node, _ issuer: String) throws(InputError) -> WebhookReceiver {
        guard let mapping = node.mapping else {
            throw InputError(
                field: "receiver",
                reason: "must be a mapping of \(Self.fields.joined(separator: ", "))"
            )
        }
        var texts: [String: String] = [:]
        var lists: [String: [String]] = [:]
        for (key, value) in mapping {
            let field = key.scalar?.string ?? ""
            guard Self.fields.contains(field) else {
                let hint = NearestName.of(field, in: Self.fields).map { "; did you mean '\($0)'?" } ?? ""
                throw InputError(field: String(field.prefix(32)), reason: "is no field of a receiver" + hint)
            }
            let isList = field == "kinds" || field == "organizations"
            if isList, let sequence = value.sequence {
                let items = sequence.compactMap { $0.scalar?.string }
                guard items.count == sequence.count, items.count <= 1000 else {
                    throw InputError(field: field, reason: "must be a list of at most 1,000 texts")
                }
                lists[field] = items
            } else if !isList, let scalar = value.scalar {
                texts[field] = scalar.string
            } else {
                throw InputError(field: field, reason: isList ? "must be a list" : "must be a text")
            }
        }
        func required(_ field: String) throws(InputError) -> String {
            guard let text = texts[field] else { throw InputError(field: field, reason: "is needed") }
            return text
        }
        let names = WebhookReceiver.Format.allCases.map(\.rawValue)
        guard let format = WebhookReceiver.Format(rawValue: texts["format"] ?? "json") else {
            throw InputError(field: "format", reason: "must be \(names.joined(separator: ", "))")
        }
        let audience = format == .backchannelLogout ? "client_id" : "audience"
        let other = format == .backchannelLogout ? "audience" : "client_id"
        guard texts[other] == nil else {
            throw InputError(field: other, reason: "is not for the format \(format.rawValue)")
        }
        if format == .json, texts["issuer"] != nil {
            throw InputError(field: "issuer", reason: "is for tokens only, not for json")
        }
        return try WebhookReceiver(
            name: try required("name"),
            url: try required("url"),
            secret: try required("secret"),
            format: format,
            issuer: texts["issuer"] ?? issuer,
            audience: texts[audience],
            kinds: lists["kinds"] ?? [],
            organizations: lists["organizations"] ?? []
        )
    }
}
