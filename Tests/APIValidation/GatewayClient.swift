package import TestSupport
package import Testing

extension HTTPClient {
    /// A client of a gateway: whenever an answer is not as the OpenAPI document says, the running test has an issue.
    package static func ofGateway(port: Int) -> HTTPClient {
        let seen = Mutexed<Set<Answer>>([])
        return HTTPClient(port: port) { call, answer in
            let response = RawResponse(
                status: answer.status,
                headers: answer.headers.map { "\($0.name.lowercased()): \($0.value)" },
                body: answer.text
            )
            // Load loops get the same answer thousands of times.
            let key = Answer(
                call: "\(call.method) \(call.path)",
                status: answer.status,
                headers: Set(answer.headers.map { $0.name.lowercased() }),
                body: response.body
            )
            guard seen.withLock({ $0.count < 10_000 ? $0.insert(key).inserted : !$0.contains(key) }) else {
                return
            }
            DocumentValidator.ours.expect(call.method, call.path, response)
        }
    }
}

extension DocumentValidator {
    /// Gives the running test an issue for everything that is wrong with the answer to a request.
    package func expect(
        _ method: String,
        _ target: String,
        _ response: RawResponse,
        sourceLocation: SourceLocation = #_sourceLocation
    ) {
        for fault in self.faults(method, target, response) {
            Issue.record("\(method) \(target), \(response.status): \(fault)", sourceLocation: sourceLocation)
        }
    }

    /// Gives the running test an issue when the answer to what could not be read as a request is no problem as the
    /// document describes them.
    package func expectProblem(
        _ response: RawResponse,
        _ request: String,
        sourceLocation: SourceLocation = #_sourceLocation
    ) {
        for fault in self.problemFaults(response) {
            Issue.record("\(request), \(response.status): \(fault)", sourceLocation: sourceLocation)
        }
    }
}

/// What there is to compare of an answer.
private struct Answer: Hashable {
    let call: String
    let status: Int
    let headers: Set<String>
    let body: String
}
