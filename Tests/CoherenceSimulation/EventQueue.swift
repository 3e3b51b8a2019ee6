/// Events by virtual time; those of the same time in the order in which they were put in.
struct EventQueue {
    private struct Place {
        /// Time in the upper 40 bits, order of arrival in the lower 24.
        let rank: UInt64
        let slot: Int32
    }

    private var heap: [Place] = []
    private var slots: [Event?] = []
    private var free: [Int32] = []
    private var arrivals: UInt64 = 0

    /// - Parameter time: in microseconds, not negative.
    mutating func add(_ event: Event, at time: Int64) {
        let slot: Int32
        if let reused = self.free.popLast() {
            slot = reused
            self.slots[Int(slot)] = event
        } else {
            slot = Int32(self.slots.count)
            self.slots.append(event)
        }
        self.arrivals &+= 1
        let place = Place(rank: UInt64(time) << 24 | self.arrivals & 0xFF_FFFF, slot: slot)
        var child = self.heap.count
        self.heap.append(place)
        while child > 0 {
            let parent = (child - 1) / 2
            if self.heap[parent].rank <= place.rank { break }
            self.heap[child] = self.heap[parent]
            child = parent
        }
        self.heap[child] = place
    }

    /// The earliest event and its time.
    mutating func next() -> (time: Int64, event: Event)? {
        guard let first = self.heap.first, let last = self.heap.popLast() else { return nil }
        if !self.heap.isEmpty {
            var parent = 0
            while true {
                var child = parent * 2 + 1
                if child >= self.heap.count { break }
                if child + 1 < self.heap.count, self.heap[child + 1].rank < self.heap[child].rank {
                    child += 1
                }
                if last.rank <= self.heap[child].rank { break }
                self.heap[parent] = self.heap[child]
                parent = child
            }
            self.heap[parent] = last
        }
        guard let event = self.slots[Int(first.slot)].take() else { return nil }
        self.free.append(first.slot)
        return (Int64(first.rank >> 24), event)
    }
}
