/// What travels on the revocation channel and on a node's own channel.
///
/// Text, because scripts write it too: one letter, then fields parted by spaces.
package enum RevocationMessage: Sendable, Equatable {
    /// Names one broadcast of one node, so that acknowledgements find their way back.
    package struct Origin: Hashable, Sendable, CustomStringConvertible {
        package let node: NodeID
        package let number: UInt64

        package init(node: NodeID, number: UInt64) {
            self.node = node
            self.number = number
        }

        package init?(_ text: some StringProtocol) {
            let parts = text.split(separator: ":", omittingEmptySubsequences: false)
            guard parts.count == 2, let node = NodeID(parts[0]), let number = UInt64(parts[1]) else {
                return nil
            }
            self.init(node: node, number: number)
        }

        package var description: String { "\(self.node):\(self.number)" }
    }

    /// `E origin sid,sid…`: these sessions have ended. `origin` is nil (`-`) where nobody waits.
    case ended(Origin?, [SessionID])
    /// `I origin sid,sid…`: the records changed; copies are stale.
    case changed(Origin?, [SessionID])
    /// `A origin epoch`: sessions of an epoch before this one have ended.
    case everyone(Origin?, epoch: UInt64)
    /// `S origin settings`: the settings were changed to these, as they are stored.
    case settings(Origin?, String)
    /// `P sequence epoch`: a node's own heartbeat comes back, with the epoch as it was at that moment. A node
    /// that missed an `A` while its subscription was down must not get a lease without hearing of it.
    case ping(sequence: UInt64, epoch: UInt64)
    /// `K node number`: `node` has applied broadcast `number` of the node on whose channel this is.
    case acknowledged(node: NodeID, number: UInt64)

    /// Reads a message; `nil` for what is none (another version, garbage).
    package init?(_ text: some StringProtocol) {
        // The settings are the only field that may have spaces in it.
        let isSettings = text.hasPrefix("S ")
        let parts = text.split(
            separator: " ",
            maxSplits: isSettings ? 2 : .max,
            omittingEmptySubsequences: false
        )
        switch (parts.first, parts.count) {
        case ("P", 3):
            guard let sequence = UInt64(parts[1]), let epoch = UInt64(parts[2]) else { return nil }
            self = .ping(sequence: sequence, epoch: epoch)
        case ("K", 3):
            guard let node = NodeID(parts[1]), let number = UInt64(parts[2]) else { return nil }
            self = .acknowledged(node: node, number: number)
        case ("A", 3):
            guard let epoch = UInt64(parts[2]), let origin = Self.origin(parts[1]) else { return nil }
            self = .everyone(origin.value, epoch: epoch)
        case ("S", 3):
            guard let origin = Self.origin(parts[1]) else { return nil }
            self = .settings(origin.value, String(parts[2]))
        case ("E", 3), ("I", 3):
            guard let origin = Self.origin(parts[1]) else { return nil }
            var ids: [SessionID] = []
            for part in parts[2].split(separator: ",") {
                guard let id = SessionID(part) else { return nil }
                ids.append(id)
            }
            self = parts[0] == "E" ? .ended(origin.value, ids) : .changed(origin.value, ids)
        default: return nil
        }
    }

    /// The text form, read back by ``init(_:)``.
    package var text: String {
        switch self {
        case .ended(let origin, let ids):
            "E \(Self.text(origin)) \(ids.map(\.description).joined(separator: ","))"
        case .changed(let origin, let ids):
            "I \(Self.text(origin)) \(ids.map(\.description).joined(separator: ","))"
        case .everyone(let origin, let epoch): "A \(Self.text(origin)) \(epoch)"
        case .settings(let origin, let settings): "S \(Self.text(origin)) \(settings)"
        case .ping(let sequence, let epoch): "P \(sequence) \(epoch)"
        case .acknowledged(let node, let number): "K \(node) \(number)"
        }
    }

    private static func text(_ origin: Origin?) -> String { origin.map(\.description) ?? "-" }

    private static func origin(_ text: some StringProtocol) -> (value: Origin?, Void)? {
        if text == "-" { return (nil, ()) }
        return Origin(text).map { ($0, ()) }
    }
}
