import GatewayAPI
import Hummingbird
import Logging
import SessionGateway

extension RouteCall {
    /// Ends many, and answers line by line how far it is. The client may go: what was ordered is done.
    /// - Parameter end: ends them, and tells how many it has ended so far.
    func tellingProgress(
        _ end: @escaping @Sendable (@escaping @Sendable (Int) -> Void) async throws -> ReceiptJSON
    ) -> Response {
        // What a slow client has not read yet is soon out of date, but for the last line.
        let (lines, lineWriter) = AsyncStream.makeStream(
            of: EndingProgressJSON.self,
            bufferingPolicy: .bufferingNewest(64)
        )
        let logger = self.context.logger
        Task {
            do {
                let receipt = try await end { lineWriter.yield(EndingProgressJSON(ended: $0)) }
                lineWriter.yield(EndingProgressJSON(receipt: receipt))
            } catch {
                let problem = Problem(mapping: error)
                if problem == nil { logger.error("Ending failed", metadata: ["error": "\(type(of: error))"]) }
                lineWriter.yield(EndingProgressJSON(problem: (problem ?? .internalError).json))
            }
            lineWriter.finish()
        }
        return .jsonLines(streaming: lines)
    }
}
