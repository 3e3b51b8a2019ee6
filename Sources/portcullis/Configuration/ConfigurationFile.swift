import Foundation
import Yams

/// A configuration file, YAML or JSON (which is YAML too), flattened: `session: {idle-timeout: 15m}` becomes
/// `session.idle-timeout`.
struct ConfigurationFile: Sendable {
    /// A value as it was written.
    struct Entry: Sendable, Equatable {
        let path: String
        let text: String
        let line: Int
    }

    let name: String
    let entries: [Entry]

    /// Larger files are no configuration.
    private static let largestFile = 1 << 20

    /// Reads a file.
    /// - Throws: ``ConfigurationError`` when it cannot be read or is not YAML; without the text of the file,
    ///   which may hold secrets.
    static func load(_ path: String) throws(ConfigurationError) -> ConfigurationFile {
        let data: Data
        do {
            data = try Data(contentsOf: URL(fileURLWithPath: path))
        } catch {
            throw ConfigurationError("cannot read the configuration file '\(path)'")
        }
        guard data.count <= Self.largestFile, let text = String(validating: data, as: UTF8.self) else {
            throw ConfigurationError("'\(path)' is not a UTF-8 text of at most 1 MiB")
        }
        return try self.parse(text, name: path)
    }

    /// Reads the text of a file called `name`.
    static func parse(_ text: String, name: String) throws(ConfigurationError) -> ConfigurationFile {
        let root: Yams.Node?
        do {
            root = try Yams.compose(yaml: text)
        } catch {
            throw ConfigurationError("'\(name)' is neither YAML nor JSON: \(Self.summary(error))")
        }
        guard let root else { return ConfigurationFile(name: name, entries: []) }
        guard case .mapping(let mapping) = root else {
            throw ConfigurationError("'\(name)' must hold a mapping of settings")
        }
        var entries: [Entry] = []
        var problems: [String] = []
        Self.flatten(mapping, under: "", depth: 0, into: &entries, problems: &problems)
        guard problems.isEmpty else { throw ConfigurationError(problems.map { "\(name):\($0)" }) }
        return ConfigurationFile(name: name, entries: entries)
    }

    private static func flatten(
        _ mapping: Yams.Node.Mapping,
        under prefix: String,
        depth: Int,
        into entries: inout [Entry],
        problems: inout [String]
    ) {
        for (key, value) in mapping {
            let line = (key.mark ?? value.mark)?.line ?? 1
            guard let name = key.scalar?.string else {
                problems.append("\(line): a setting's name must be text")
                continue
            }
            let path = prefix + name
            switch value {
            case .scalar(let scalar):
                // `key:` with nothing after it says nothing.
                guard value.null == nil else { continue }
                entries.append(Entry(path: path, text: scalar.string, line: line))
            case .sequence(let sequence):
                let items = sequence.compactMap { $0.scalar?.string }
                guard items.count == sequence.count, !items.contains(where: { $0.contains(",") }) else {
                    problems.append("\(line): '\(PlainText.escaped(path))' must be a list of plain texts")
                    continue
                }
                entries.append(Entry(path: path, text: items.joined(separator: ","), line: line))
            case .mapping(let inner):
                // No setting lies deeper; this also ends a file that refers to itself.
                guard depth < 3 else {
                    problems.append("\(line): '\(PlainText.escaped(path))' is nested too deep")
                    continue
                }
                self.flatten(inner, under: path + ".", depth: depth + 1, into: &entries, problems: &problems)
            case .alias:
                problems.append("\(line): '\(PlainText.escaped(path))' must not be an alias")
            }
        }
    }

    private static func summary(_ error: any Error) -> String {
        switch error as? YamlError {
        case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
            .composer(_, let problem, let mark, _):
            "line \(mark.line), column \(mark.column): \(problem)"
        case .duplicatedKeysInMapping(let duplicates, _):
            "given twice: \(duplicates.map(PlainText.escaped).joined(separator: ", "))"
        case .reader(let problem, _, _, _): problem
        default: "cannot be parsed"
        }
    }
}
