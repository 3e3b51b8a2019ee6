import SessionCore
import SessionGateway

extension RouteCall {
    /// Leaves a line in the session's timeline about the request that was asked about, where that is wanted and a
    /// trusted proxy says which request it was.
    /// - Parameter target: path and query, where the check's own path has them.
    func noteActivity(of session: LiveSession, target: String?) {
        let configuration = self.front.configuration
        guard configuration.recordsActivity, self.isFromTrustedProxy else { return }
        let original = OriginalRequest(
            self.request,
            isTrusted: true,
            isSecure: configuration.tls != nil
        )
        guard let target = target ?? original.target else { return }
        self.gateway.noteActivity(method: original.method, target: target, of: session.id)
    }
}
