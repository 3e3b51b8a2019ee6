import RedisClient
import SessionStore

extension GatewayError {
    /// The one mapping of the store's errors.
    init(_ error: StoreError) {
        switch error {
        case .unavailable(let cause):
            self =
                cause.mayHaveExecuted
                ? .unconfirmed("Redis did not answer in time") : .unavailable("Redis cannot be reached")
        case .refused(let cause): self = .unavailable("Redis refused the command: \(cause.prefix)")
        case .corrupt(let what): self = .unavailable("Unreadable data in Redis: \(what)")
        case .incompatible(let what): self = .unavailable(what)
        }
    }
}
