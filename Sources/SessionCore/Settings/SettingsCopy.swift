/// Whether a node's copy of the settings may be used, and which of what it reads and hears is newer.
///
/// A node hears of every change, in order, as long as its subscription holds; so the copy is good from a read that
/// began while it did. What is read and what is heard overtake each other: the version decides. On another Redis
/// versions may start anew, or a failover may have lost the last ones: what is read there counts, whatever its
/// version.
package struct SettingsCopy: Sendable {
    /// Counts what makes a read necessary.
    private var generation: UInt64 = 1
    private var readGeneration: UInt64 = 0
    private var isOfAnotherServer = true
    /// The copy's version; 0 when nothing was ever set.
    package private(set) var version = 0

    package init() {}

    /// Whether everything that was published since the last read has been heard.
    package var isCurrent: Bool { self.readGeneration == self.generation }

    /// The subscription was lost or is new: changes may have been missed.
    package mutating func mayHaveMissed() { self.generation += 1 }

    /// The commands go to another Redis from now on.
    package mutating func serverChanged() {
        self.generation += 1
        self.isOfAnotherServer = true
    }

    /// Before a read is sent; goes into ``read(version:begun:)``.
    package func beginRead() -> UInt64 { self.generation }

    /// What a read gave.
    /// - Returns: whether the copy is to be replaced by it.
    package mutating func read(version: Int, begun: UInt64) -> Bool {
        guard begun == self.generation else { return false }
        self.readGeneration = begun
        guard self.isOfAnotherServer || version > self.version else { return false }
        self.isOfAnotherServer = false
        self.version = version
        return true
    }

    /// A message told of a change.
    /// - Returns: whether the copy is to be replaced by it.
    package mutating func heard(version: Int) -> Bool {
        if self.isOfAnotherServer {
            // It may come from the server before. A read that begins after it knows.
            self.generation += 1
        } else if version <= self.version {
            return false
        }
        self.version = version
        return true
    }
}
