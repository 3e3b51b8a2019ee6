/// Which entries of a sorted list stand for all of it.
package enum EvenRanks {
    /// Up to `sample` ranks of a list of `count` entries: the middles of as many equal parts.
    package static func of(_ count: Int, sample: Int) -> [Int] {
        guard count > 0, sample > 0 else { return [] }
        guard sample < count else { return Array(0..<count) }
        return (0..<sample).map { (2 * $0 + 1) * count / (2 * sample) }
    }
}
