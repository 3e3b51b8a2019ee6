package import ServiceKeys
package import SessionGateway

/// What the routes work with.
package struct Front: Sendable {
    let configuration: FrontConfiguration
    let gateway: SessionGateway
    let serviceKeys: ServiceKeyRing
    let answers: CheckAnswers
    let loops: LoopStates
    let metrics: MetricsRegistry

    /// Puts the parts together.
    package init(
        configuration: FrontConfiguration,
        gateway: SessionGateway,
        serviceKeys: ServiceKeyRing,
        metrics: MetricsRegistry
    ) {
        self.configuration = configuration
        self.gateway = gateway
        self.serviceKeys = serviceKeys
        self.answers = CheckAnswers(family: configuration.identityHeaders)
        self.loops = LoopStates()
        self.metrics = metrics
    }

    /// What connections need of it.
    var checkService: CheckService {
        CheckService(
            gateway: self.gateway,
            recognizer: CheckRecognizer(
                cookie: self.configuration.cookie,
                leavesForwarded: self.configuration.recordsActivity
            ),
            answers: self.answers,
            limits: self.configuration.limits,
            loops: self.loops
        )
    }
}
