import GatewayAPI
import Hummingbird
import SessionCore
import SessionGateway

extension Routes {
    /// What administrators read of the whole, and tidying it up.
    static let statistics: [Route] = [
        Route(
            .get,
            "/api/admin/stats",
            .organizationAdministrator,
            id: "getStatistics",
            "How many sessions and users there are, and what happened in each of the last 60 minutes.",
            answers: [.answer(200, "The statistics.", .json(StatisticsJSON.self))],
            handle: showStatistics
        ),
        Route(
            .post,
            "/api/admin/cleanup",
            .administrator,
            id: "cleanUp",
            "File expired sessions as ended and forget old ones now; verify=true also mends the indexes.",
            parameters: [.query("verify", .boolean.note("Also compares every index with the sessions."))],
            answers: [
                .answer(200, "The numbers of what was filed, forgotten and mended.", .json(CleanupJSON.self))
            ],
            handle: cleanUp
        ),
    ]

    private static func showStatistics(_ call: RouteCall) async throws -> Response {
        switch try call.reach() {
        case .everything:
            var json = StatisticsJSON(try await call.gateway.installationStatistics())
            json.rates = try await call.gateway.rates(minutes: 60).map { MinuteRateJSON($0) }
            return .json(json)
        case .organization(let name):
            // What happens is not counted by organization.
            return .json(StatisticsJSON(try await call.gateway.installationStatistics(of: name)))
        }
    }

    private static func cleanUp(_ call: RouteCall) async throws -> Response {
        let isVerifying = try call.query.flag("verify")
        let start = ContinuousClock.now
        let report = try await call.gateway.cleanup(verifying: isVerifying)
        let duration = (ContinuousClock.now - start).components
        return .json(
            CleanupJSON(
                expired: report.expired,
                forgotten: report.forgotten,
                repaired: report.repaired,
                ms: Int(duration.seconds * 1000 + duration.attoseconds / 1_000_000_000_000_000)
            )
        )
    }
}

extension StatisticsJSON {
    /// Statistics on the wire.
    init(_ statistics: InstallationStatistics) {
        self.init(
            active: statistics.active,
            ended: statistics.ended,
            uniqueUsers: statistics.users,
            usersAbove: UsersAboveJSON(
                threshold: InstallationStatistics.crowdThreshold,
                users: statistics.crowdedUsers
            ),
            averageDuration: statistics.averageAge.map { Int($0.components.seconds) },
            estimated: statistics.isEstimated,
            partial: statistics.isPartial
        )
    }
}

extension MinuteRateJSON {
    /// A minute on the wire.
    init(_ rate: MinuteRate) {
        self.init(
            minute: rate.minute.wire,
            logins: rate.logins,
            revocations: rate.revocations,
            expiries: rate.expiries
        )
    }
}
