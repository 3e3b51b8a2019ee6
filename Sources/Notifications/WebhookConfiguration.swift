/// How webhooks are delivered.
package struct WebhookConfiguration: Sendable {
    package var receivers: [WebhookReceiver]
    /// How long a request may take, its connection included.
    package var timeout: Duration = .seconds(5)
    /// After how long an event that cannot be delivered is passed over.
    package var giveUpAfter: Duration = .seconds(86_400)

    /// 100 ms to a minute.
    package static let timeoutRange: ClosedRange<Duration> = .milliseconds(100) ... .seconds(60)
    /// A second to 30 days.
    package static let giveUpAfterRange: ClosedRange<Duration> = .seconds(1) ... .seconds(30 * 86_400)

    package init(receivers: [WebhookReceiver]) { self.receivers = receivers }

    /// How long the node that delivers may be silent before another one takes over.
    var leaseLength: Duration { self.timeout + .seconds(5) }
    /// How often it says that it is there.
    static let renewal: Duration = .seconds(1)
}
