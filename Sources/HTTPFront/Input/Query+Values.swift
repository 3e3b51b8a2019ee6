import GatewayAPI
import SessionCore

extension Query {
    /// A name, an id or a text of one line.
    /// - Throws: ``Problem`` 400 that names the parameter.
    func name(_ parameter: String) throws(Problem) -> String? {
        guard let text = self[parameter] else { return nil }
        do {
            return try InputRules.name(text, field: parameter)
        } catch {
            throw .badParameter(parameter, error.reason)
        }
    }

    /// A time of RFC 3339.
    /// - Throws: ``Problem`` 400 that names the parameter.
    func time(_ parameter: String) throws(Problem) -> Timestamp? {
        guard let text = self[parameter] else { return nil }
        guard let time = WireTime(text) else {
            throw .badParameter(parameter, "must be a time of RFC 3339, as in 2027-03-01T12:00:00Z")
        }
        return Timestamp(milliseconds: time.milliseconds)
    }
}
