/// SplitMix64: the whole course of a simulation follows from its seed, on every machine.
struct SimulationRandom {
    private var state: UInt64

    init(seed: UInt64) {
        self.state = seed &* 0xD129_0C5B_1B73_3D3D &+ 0x9E37_79B9_7F4A_7C15
        _ = self.next()
    }

    mutating func next() -> UInt64 {
        self.state &+= 0x9E37_79B9_7F4A_7C15
        var z = self.state
        z = (z ^ z >> 30) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ z >> 27) &* 0x94D0_49BB_1331_11EB
        return z ^ z >> 31
    }

    /// 0 ..< bound; the bias of a multiplication instead of a rejection does not matter here.
    mutating func below(_ bound: Int) -> Int { Int(self.next().multipliedFullWidth(by: UInt64(bound)).high) }

    mutating func within(_ range: ClosedRange<Int64>) -> Int64 {
        range.lowerBound + Int64(self.below(Int(range.upperBound - range.lowerBound) + 1))
    }

    /// True once in `of` times.
    mutating func oneIn(_ of: Int) -> Bool { self.below(of) == 0 }

    mutating func percent(_ share: Int) -> Bool { self.below(100) < share }
}
