/// Work that outlives the call that asked for it, such as deleting a million sessions whose epoch is over.
final class BackgroundTasks: Sendable {
    private let stream: AsyncStream<@Sendable () async -> Void>
    private let continuation: AsyncStream<@Sendable () async -> Void>.Continuation

    init() {
        (self.stream, self.continuation) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(64))
    }

    func add(_ task: @escaping @Sendable () async -> Void) { self.continuation.yield(task) }

    func run() async {
        for await task in self.stream { await task() }
    }
}
