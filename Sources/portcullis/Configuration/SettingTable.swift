extension Setting {
    /// Settings that belong together, under a heading.
    struct Group: Sendable {
        let title: String
        let settings: [Setting]
    }

    /// All settings in the order in which they are shown.
    static let groups: [Group] = [
        Group(title: "The node and its Redis", settings: Self.node),
        Group(title: "Who may call, and how browsers and proxies ask", settings: Self.access),
        Group(title: "Sessions", settings: Self.sessions),
        Group(title: "Check and coherence", settings: Self.coherence),
        Group(title: "Audit log, events and webhooks", settings: Self.events),
    ]

    /// All settings.
    static let table: [Setting] = Self.groups.flatMap(\.settings)
}
