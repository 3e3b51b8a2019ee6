/// The settings that environment variables give.
struct EnvironmentSettings: Sendable {
    /// Names of the variable and of the value.
    struct Variable: Sendable, Equatable {
        let name: String
        let text: String
    }

    /// The variable that names the configuration file.
    static let fileVariable = SettingKey.environmentPrefix + "CONFIG"

    let values: [SettingKey: Variable]
    /// Unknown variables.
    let problems: [String]

    /// Picks this program's variables out of an environment. An empty value counts as none, because compose
    /// files and unit files can hardly leave one out.
    init(_ environment: [String: String]) {
        let names = Dictionary(
            Setting.table.map { ($0.key.environmentName, $0.key) },
            uniquingKeysWith: { first, _ in first }
        )
        let candidates = Array(names.keys) + [Self.fileVariable]
        var values: [SettingKey: Variable] = [:]
        var problems: [String] = []
        for (name, text) in environment.sorted(by: { $0.key < $1.key })
        where name.hasPrefix(SettingKey.environmentPrefix) {
            if let key = names[name] {
                if !text.isEmpty { values[key] = Variable(name: name, text: text) }
            } else if name != Self.fileVariable, !Self.isFromKubernetes(name) {
                let nearest = NearestName.of(name, in: candidates, after: SettingKey.environmentPrefix)
                problems.append(
                    "there is no setting for the environment variable \(PlainText.escaped(name))"
                        + (nearest.map { "; did you mean \($0)?" } ?? "")
                )
            }
        }
        Self.addForeignNames(environment, to: &values)
        self.values = values
        self.problems = problems
    }

    /// Names under which other systems keep the idle timeout (docs/operations.md). The more exact unit goes first;
    /// our own name goes before both.
    private static func addForeignNames(
        _ environment: [String: String],
        to values: inout [SettingKey: Variable]
    ) {
        for (name, unit) in [("SESSION_TIMEOUT", "m"), ("SESSION_TIMEOUT_DAYS", "d")]
        where values[.idleTimeout] == nil {
            guard let text = environment[name], !text.isEmpty else { continue }
            values[.idleTimeout] = Variable(name: name, text: text + unit)
        }
    }

    /// Whether Kubernetes sets this variable in every pod that lives beside a Service called "portcullis":
    /// `PORTCULLIS_SERVICE_HOST`, `PORTCULLIS_PORT_7171_TCP_ADDR` and the like.
    private static func isFromKubernetes(_ name: String) -> Bool {
        let rest = name.dropFirst(SettingKey.environmentPrefix.count)
        return rest == "PORT" || rest.hasPrefix("PORT_") || rest == "SERVICE_HOST" || rest == "SERVICE_PORT"
            || rest.hasPrefix("SERVICE_PORT_")
    }
}
