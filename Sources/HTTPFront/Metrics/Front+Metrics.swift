import SessionCore
import SessionGateway

extension Front {
    /// All figures of this node.
    func metricsText() -> String {
        var text = PrometheusText()
        let figures = self.gateway.nodeStatistics
        text.add("portcullis_checks_total", "counter", figures.hits, labels: "result=\"hit\"")
        text.add("portcullis_checks_total", "counter", figures.misses, labels: "result=\"miss\"")
        for refusal in Refusal.allCases {
            text.add(
                "portcullis_checks_refused_total",
                "counter",
                figures.refused[refusal] ?? 0,
                labels: "reason=\"\(refusal.description)\""
            )
        }
        text.add("portcullis_checks_unavailable_total", "counter", figures.unavailable)
        for (name, count) in [
            ("created", "\(figures.created)"), ("evicted", "\(figures.evicted)"),
            ("ended", "\(figures.ended)"), ("rotated", "\(figures.rotated)"),
        ] {
            text.add("portcullis_sessions_total", "counter", count, labels: "event=\"\(name)\"")
        }
        text.add("portcullis_audit_entries_total", "counter", figures.auditEntries)
        text.add("portcullis_audit_lost_total", "counter", figures.auditLost)
        text.add("portcullis_refusals_dropped_total", "counter", figures.refusalsDropped)
        text.add("portcullis_touches_total", "counter", figures.touches)
        for (result, count) in [
            ("recorded", figures.activityRecorded), ("dropped", figures.activityDropped),
        ] {
            text.add("portcullis_activity_entries_total", "counter", count, labels: "result=\"\(result)\"")
        }
        text.add("portcullis_broadcasts_applied_total", "counter", figures.appliedBroadcasts)
        text.add("portcullis_near_cache_entries", "gauge", figures.nearCacheCount)
        text.add(
            "portcullis_lease_remaining_seconds",
            "gauge",
            Double(max(.zero, figures.leaseRemaining).inMilliseconds) / 1000
        )
        text.add("portcullis_subscribed", "gauge", figures.isSubscribed ? 1 : 0)
        text.add("portcullis_ready", "gauge", figures.isReady ? 1 : 0)
        text.add("portcullis_last_receipt_seconds", "gauge", figures.lastReceiptMilliseconds / 1000)

        text.add("portcullis_event_listeners", "gauge", figures.eventListeners)
        text.add("portcullis_events_sent_total", "counter", figures.eventsHandedOut)
        text.add("portcullis_event_listeners_cut_off_total", "counter", figures.eventListenersCutOff)

        let totals = self.loops.totals
        for (result, count) in [
            ("accepted", totals.accepted), ("refused", totals.refused),
            ("unavailable", totals.unavailable),
        ] {
            text.add("portcullis_hot_path_answers_total", "counter", count, labels: "result=\"\(result)\"")
        }
        text.add("portcullis_hot_path_passed_total", "counter", totals.passed)
        text.add("portcullis_connections", "gauge", totals.connections)
        text.add(self.metrics.snapshot)
        return text.text
    }
}
