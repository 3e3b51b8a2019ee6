package import RedisClient

/// The Lua scripts, each a file in `Lua/` with its KEYS, ARGV and return codes at the top.
package enum StoreScripts {
    static let create = load("create", PackageResources.create_lua)
    static let rotate = load("rotate", PackageResources.rotate_lua)
    static let reuse = load("reuse", PackageResources.reuse_lua)
    static let endSessions = load("end_sessions", PackageResources.end_sessions_lua)
    static let endUser = load("end_user", PackageResources.end_user_lua)
    static let everyone = load("everyone", PackageResources.everyone_lua)
    static let raiseEpoch = load("raise_epoch", PackageResources.raise_epoch_lua)
    static let sweep = load("sweep", PackageResources.sweep_lua)
    static let sweepDone = load("sweep_done", PackageResources.sweep_done_lua)
    static let heartbeat = load("heartbeat", PackageResources.heartbeat_lua)
    static let nodes = load("nodes", PackageResources.nodes_lua)
    static let update = load("update", PackageResources.update_lua)
    static let setData = load("data_set", PackageResources.data_set_lua)
    static let janitor = load("janitor", PackageResources.janitor_lua)
    static let verify = load("verify", PackageResources.verify_lua)
    static let history = load("history", PackageResources.history_lua)
    static let setSettings = load("settings_set", PackageResources.settings_set_lua)
    static let addActivity = load("activity_add", PackageResources.activity_add_lua)
    static let forget = load("forget", PackageResources.forget_lua)
    static let counts = load("counts", PackageResources.counts_lua)
    static let setCounts = load("counts_set", PackageResources.counts_set_lua)
    static let meta = load("meta", PackageResources.meta_lua)
    static let logRead = load("log_read", PackageResources.log_read_lua)
    static let logAppend = load("log_append", PackageResources.log_append_lua)
    static let lease = load("lease", PackageResources.lease_lua)
    static let refused = load("refused", PackageResources.refused_lua)
    static let webhookAdvance = load("webhook_advance", PackageResources.webhook_advance_lua)

    /// All of them, for whoever wants to load them or look at them.
    package static let all = [
        create, rotate, reuse, endSessions, endUser, everyone, raiseEpoch, sweep, sweepDone, heartbeat, nodes,
        update, setData, janitor, verify, history, setSettings, meta, addActivity, forget, counts, setCounts,
        logRead, logAppend, lease, refused, webhookAdvance,
    ]

    private static let fragments = [
        "event": PackageResources.fragment_event_lua,
        "ending": PackageResources.fragment_ending_lua,
        "record": PackageResources.fragment_record_lua,
    ]

    /// Redis has no modules for scripts: shared functions are put in here, where a line says `--@include
    /// name`.
    private static func load(_ name: String, _ bytes: [UInt8]) -> RedisScript {
        let lines = String(decoding: bytes, as: UTF8.self).split(
            separator: "\n",
            omittingEmptySubsequences: false
        )
        let source = lines.map { line in
            guard line.hasPrefix("--@include "),
                let fragment = self.fragments[String(line.dropFirst("--@include ".count))]
            else { return String(line) }
            return String(decoding: fragment, as: UTF8.self)
        }
        return RedisScript(name: name, source: source.joined(separator: "\n"))
    }
}
