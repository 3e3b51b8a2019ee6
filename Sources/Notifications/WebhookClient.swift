import AsyncHTTPClient
package import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Sends messages. Follows no redirect, keeps no cookie, reads little of what is answered.
package struct WebhookClient: Sendable {
    /// Most of an answer's body that is read.
    static let longestAnswer = 4096

    private let client: HTTPClient
    private let timeout: Duration
    private let userAgent: String

    /// - Parameter timeout: for all of a request, its connection included.
    package init(eventLoopGroup: any EventLoopGroup, timeout: Duration, userAgent: String) {
        var configuration = HTTPClient.Configuration()
        configuration.redirectConfiguration = .disallow
        configuration.httpVersion = .http1Only
        let limit = TimeAmount.nanoseconds(Self.nanoseconds(timeout))
        configuration.timeout = .init(connect: limit, read: limit)
        // A connection that cannot be made is a failed attempt: when the next one comes is decided elsewhere.
        configuration.connectionPool.retryConnectionEstablishment = false
        configuration.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = 2
        self.client = HTTPClient(eventLoopGroup: eventLoopGroup, configuration: configuration)
        self.timeout = timeout
        self.userAgent = userAgent
    }

    /// Sends one message and waits for the answer.
    func send(_ message: WebhookMessage, to receiver: WebhookReceiver) async -> DeliveryOutcome {
        var request = HTTPClientRequest(url: receiver.url)
        request.method = .POST
        for (name, value) in message.headers { request.headers.add(name: name, value: value) }
        request.headers.add(name: "User-Agent", value: self.userAgent)
        request.body = .bytes(ByteBuffer(bytes: message.body))
        do {
            return try await self.exchange(request, receiver.format)
        } catch is DeadlineExceeded {
            return .failed("no answer in time")
        } catch {
            return .failed(Self.reason(error))
        }
    }

    /// Closes all connections. Call once, when nothing is sent any more.
    package func shutdown() async {
        try? await self.client.shutdown()
    }

    private struct DeadlineExceeded: Error {}

    /// The client's own deadline ends with the head of the answer.
    private func exchange(
        _ request: HTTPClientRequest,
        _ format: WebhookReceiver.Format
    ) async throws -> DeliveryOutcome {
        try await withThrowingTaskGroup(of: DeliveryOutcome.self) { group in
            let (client, timeout) = (self.client, self.timeout)
            group.addTask {
                let limit = TimeAmount.nanoseconds(Self.nanoseconds(timeout))
                let response = try await client.execute(request, timeout: limit)
                var body: [UInt8] = []
                // Only refusals say something, and a receiver that has taken it has taken it, whatever becomes of the
                // rest of its answer.
                if response.status.code == 400 {
                    for try await part in response.body {
                        body += part.readableBytesView.prefix(Self.longestAnswer - body.count)
                        if body.count >= Self.longestAnswer { break }
                    }
                } else {
                    _ = try? await response.body.collect(upTo: Self.longestAnswer)
                }
                return DeliveryOutcome(format, status: Int(response.status.code), body: body)
            }
            group.addTask {
                try await Task.sleep(for: timeout)
                throw DeadlineExceeded()
            }
            defer { group.cancelAll() }
            guard let outcome = try await group.next() else { throw DeadlineExceeded() }
            return outcome
        }
    }

    private static func nanoseconds(_ duration: Duration) -> Int64 {
        let (seconds, attoseconds) = duration.components
        return seconds * 1_000_000_000 + attoseconds / 1_000_000_000
    }

    private static let unreachable: Set<POSIXErrorCode> = [
        .ECONNREFUSED, .EHOSTUNREACH, .ENETUNREACH, .ETIMEDOUT, .EHOSTDOWN, .ENETDOWN,
    ]

    /// Why there was no answer, without what was sent: errors of some libraries hold URLs.
    private static func reason(_ error: any Error) -> String {
        switch error {
        case let error as HTTPClientError: return error.shortDescription
        case is NIOSSLError, is NIOSSLExtraError: return "TLS failed"
        case let error as NIOConnectionError:
            return error.dnsAError != nil && error.connectionErrors.isEmpty
                ? "the host's name is not known" : "cannot connect"
        case let error as IOError:
            return POSIXErrorCode(rawValue: error.errnoCode).map(Self.unreachable.contains) == true
                ? "cannot connect" : "connection broken, errno \(error.errnoCode)"
        default: return "\(type(of: error))"
        }
    }
}
