import HummingbirdCore
import Logging
import NIOCore
import NIOHTTP1
import NIOHTTPTypesHTTP1

/// A connection of the front: the hot path first, then Hummingbird's HTTP/1.1 pipeline, and an observer within
/// it, between the decoder and the conversion to Hummingbird's types.
struct FrontChannel: HTTPChannelHandler {
    typealias Value = HTTP1Channel.Value

    let base: HTTP1Channel
    let service: CheckService
    let maximumBodyBytes: Int
    /// Whether TLS comes first.
    var isSecure = false
    /// Off only in tests that compare the hot path with the route.
    var isHotPathOn = true

    var responder: HTTPChannelHandler.Responder { self.base.responder }

    func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<Value> {
        let loop = self.service.loops.state(on: channel.eventLoop)
        let state = ConnectionState(tick: loop.tick, isSecure: self.isSecure)
        state.isTerminal = !self.isHotPathOn
        // A TLS handler reads for itself while it shakes hands, and counts on `autoRead` after that.
        let drivesReading = !self.isSecure
        do {
            if drivesReading {
                try channel.syncOptions?.setOption(.autoRead, value: false)
            }
            let handler = CheckHandler(
                service: self.service,
                loop: loop,
                state: state,
                drivesReading: drivesReading && channel.syncOptions != nil
            )
            try channel.pipeline.syncOperations.addHandler(handler)
        } catch {
            return channel.eventLoop.makeFailedFuture(error)
        }
        return self.base.setup(channel: channel, logger: logger).assumeIsolated().flatMapThrowing { value in
            let pipeline = channel.pipeline.syncOperations
            let codec = try pipeline.handler(type: HTTP1ToHTTPServerCodec.self)
            let observer = ConnectionObserver(
                state: state,
                loop: loop,
                maximumBodyBytes: self.maximumBodyBytes
            )
            try pipeline.addHandler(observer, position: .before(codec))
            return value
        }.nonisolated()
    }

    func handle(value: Value, logger: Logger) async {
        await self.base.handle(value: value, logger: logger)
    }
}
