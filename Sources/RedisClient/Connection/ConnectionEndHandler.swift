import NIOCore

/// What both kinds of connection do when their channel comes up, fails or goes: begin once it is active, and close
/// with what has happened, so that whoever waits is told.
protocol ConnectionEndHandler: ChannelInboundHandler {
    /// Where the handler stands; nil before it is added and after it is removed.
    var context: ChannelHandlerContext? { get set }
    /// The channel is active: the handshake can be sent.
    func begin(_ context: ChannelHandlerContext)
    /// Closes the channel and tells the owner. Does nothing the second time.
    func close(_ error: RedisError)
}

extension ConnectionEndHandler {
    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        if context.channel.isActive { begin(context) }
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        self.context = nil
        close(RedisError(.connectionLost, "the connection was closed"))
    }

    func channelActive(context: ChannelHandlerContext) {
        begin(context)
        context.fireChannelActive()
    }

    func channelInactive(context: ChannelHandlerContext) {
        close(RedisError(.connectionLost, "Redis closed the connection"))
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        close(RedisError(.connectionLost, "\(error)"))
    }
}
