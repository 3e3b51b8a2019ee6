import GatewayAPI
import HTTPTypes
import Hummingbird
import SessionCore
import SessionGateway

extension Routes {
    /// What can be changed at run time.
    static let settings: [Route] = [
        Route(
            .get,
            "/api/admin/settings",
            .administrator,
            id: "getSettings",
            "Timeouts and limits as they are set for all nodes; the version is the ETag.",
            answers: [.answer(200, "The settings.", .json(SettingsJSON.self), headers: ["ETag"])],
            handle: showSettings
        ),
        Route(
            .put,
            "/api/admin/settings",
            .administrator,
            id: "replaceSettings",
            "Replace what is set, if its version is still the one given; every node uses it when this returns.",
            body: .json(ChangeSettingsJSON.self),
            answers: [
                .answer(200, "The settings as changed.", .json(SettingsJSON.self), headers: ["ETag"]),
                .answer(409, "The settings have another version, the ETag.", .problem, headers: ["ETag"]),
            ],
            handle: changeSettings
        ),
    ]

    /// Longest body of a change: two thousand names of 256 bytes and their limits.
    private static let maximumBytes = 1024 * 1024

    private static func showSettings(_ call: RouteCall) async throws -> Response {
        return answer(SettingsJSON(try await call.gateway.settings()))
    }

    private static func changeSettings(_ call: RouteCall) async throws -> Response {
        let body = try await JSONBody(of: call.request, limit: maximumBytes, refusesEquivalents: true)
            .decode(ChangeSettingsJSON.self)
        guard body.version >= 0 else { throw Problem.badField("version", "must be 0 or more") }
        var overrides = PolicyOverrides()
        for (name, value) in body.settings.sorted(by: { $0.key < $1.key }) {
            guard let setting = PolicySetting(rawValue: name) else {
                let names = PolicySetting.allCases.map(\.rawValue).joined(separator: ", ")
                throw Problem.badField(Problem.repeatable(name), "is not a setting; there are \(names)")
            }
            switch value {
            case .null: continue
            case .integer(let number): try overrides.set(setting, .integer(number))
            case .text(let text): try overrides.set(setting, .text(text))
            case .other(let text): throw setting.refusal(of: text)
            }
        }
        if let limits = body.limits { overrides.limits = try LimitOverrides(limits) }
        let changed: (settings: RuntimeSettings, receipt: RevocationReceipt)
        do {
            changed = try await call.gateway.setSettings(
                overrides,
                expecting: body.version,
                by: call.caller.actor,
                from: call.clientAddress
            )
        } catch {
            throw refusal(error)
        }
        var json = SettingsJSON(changed.settings)
        json.receipt = ReceiptJSON(changed.receipt)
        return answer(json)
    }

    private static func refusal(_ error: GatewayError) -> any Error {
        if case .conflict(let present) = error.kind {
            Problem.versionConflict(.conflict, present: present)
        } else {
            error
        }
    }

    private static func answer(_ settings: SettingsJSON) -> Response {
        var response = Response.json(settings)
        response.headers[.eTag] = "\"\(settings.version)\""
        return response
    }
}

extension SettingsJSON {
    /// The settings on the wire.
    init(_ settings: RuntimeSettings) {
        func values(_ value: (PolicySetting) -> PolicySetting.Value?) -> [String: SettingValueJSON] {
            var result: [String: SettingValueJSON] = [:]
            for setting in PolicySetting.allCases {
                switch value(setting) {
                case .integer(let number): result[setting.rawValue] = .integer(number)
                case .text(let text): result[setting.rawValue] = .text(text)
                case nil: break
                }
            }
            return result
        }
        let policy = settings.policy
        self.init(
            version: settings.version,
            settings: values { settings.overrides.values[$0] },
            defaults: values { $0.value(in: settings.defaults) },
            effective: values { $0.value(in: policy) },
            limits: settings.overrides.limits.json,
            allowed: Dictionary(
                uniqueKeysWithValues: PolicySetting.allCases.map { ($0.rawValue, $0.allowed) }
            ),
            changedAt: settings.changedAt?.wire,
            changedBy: settings.changedBy
        )
    }
}
