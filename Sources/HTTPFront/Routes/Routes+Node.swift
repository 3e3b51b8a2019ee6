import GatewayAPI
import HTTPTypes
import Hummingbird
import SessionAuthentication
import SessionGateway

extension Routes {
    /// The nodes of the installation.
    static let nodes: [Route] = [
        Route(
            .get,
            "/api/admin/nodes",
            .administrator,
            "The gateway nodes and their leases.",
            handle: listNodes
        )
    ]

    /// What operations look at.
    static let operations: [Route] = [
        Route(.get, "/health/live", .anyone, "The process runs.") { _ in .json(HealthJSON(status: "live")) },
        Route(.get, "/health/ready", .anyone, "The node can answer checks.") { call in
            guard call.gateway.isReady else {
                throw Problem(
                    .serviceUnavailable,
                    "not_ready",
                    "Not connected to the session store",
                    headers: [.retryAfter: "1"]
                )
            }
            return .json(HealthJSON(status: "ready"))
        },
        Route(.get, "/metrics", .anyone, "Figures for Prometheus.") { call in
            .text(call.front.metricsText(), type: "text/plain; version=0.0.4; charset=utf-8")
        },
        Route(.get, "/openapi.json", .anyone, "This document.") { call in
            .json(bytes: OpenAPIDocument.bytes(isSecure: call.front.configuration.cookie.isSecure))
        },
    ]

    private static func listNodes(_ call: RouteCall) async throws -> Response {
        .json(NodesJSON(nodes: try await call.gateway.nodes().map { NodeJSON($0) }))
    }
}
