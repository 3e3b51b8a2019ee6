import SessionGateway

extension Setting {
    /// Check and coherence.
    static let coherence: [Setting] = [
        Setting(
            "lease",
            "cache.lease",
            \.gateway.leaseLength,
            .duration(GatewayConfiguration.leaseRange),
            "the longest that a revocation waits for a silent node"
        ),
        Setting(
            "strict",
            "cache.strict",
            \.gateway.isStrict,
            .boolean,
            "ask Redis on every check"
        ),
        Setting(
            "near-cache-capacity",
            "cache.capacity",
            \.gateway.nearCacheCapacity,
            .integer(GatewayConfiguration.nearCacheCapacityRange),
            "the most sessions kept in memory"
        ),
        Setting(
            "outage-grace",
            "cache.outage-grace",
            \.gateway.outageGrace,
            .duration(GatewayConfiguration.outageGraceRange),
            "how long sessions in memory count while Redis is away; revocations may be missed meanwhile"
        ),
    ]
}
