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
            id: "listNodes",
            "The gateway nodes and their leases.",
            answers: [.answer(200, "The nodes.", .json(NodesJSON.self))],
            handle: listNodes
        )
    ]

    /// What operators and their monitors look at.
    static let operations: [Route] = [
        Route(
            .get,
            "/health/live",
            .anyone,
            id: "getLiveness",
            "Whether the process runs.",
            answers: [.answer(200, "The process runs.", .json(HealthJSON.self))]
        ) { _ in
            .json(HealthJSON(status: "live"))
        },
        Route(
            .get,
            "/health/ready",
            .anyone,
            id: "getReadiness",
            "Whether the node can answer checks.",
            answers: [.answer(200, "The node can answer checks.", .json(HealthJSON.self))],
            problems: [503]
        ) { call in
            guard call.gateway.isReady else {
                throw Problem(
                    .serviceUnavailable,
                    .notReady,
                    "Not connected to the session store",
                    headers: [.retryAfter: "1"]
                )
            }
            return .json(HealthJSON(status: "ready"))
        },
        Route(
            .get,
            "/metrics",
            .anyone,
            id: "getMetrics",
            "Figures for Prometheus.",
            answers: [.answer(200, "The figures.", .text("text/plain"))]
        ) { call in
            .text(call.front.metricsText(), type: "text/plain; version=0.0.4; charset=utf-8")
        },
        Route(
            .get,
            "/openapi.json",
            .anyone,
            id: "getOpenApiDocument",
            "This document.",
            answers: [.answer(200, "The document.", .json(.any))]
        ) { call in
            .json(bytes: OpenAPIDocument.bytes(isSecure: call.front.configuration.cookie.isSecure))
        },
    ]

    private static func listNodes(_ call: RouteCall) async throws -> Response {
        .json(NodesJSON(nodes: try await call.gateway.nodes().map { NodeJSON($0) }))
    }
}
