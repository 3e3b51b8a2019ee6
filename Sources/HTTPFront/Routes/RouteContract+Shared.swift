import GatewayAPI
import SessionCore

extension Route.Parameter {
    /// Who asks for the end of a session may say why.
    static let reason = Route.Parameter.query("reason", .line(1...256))
}

extension Route.Answer {
    private static let receiptNote = "The receipt: from now on no node accepts what was ended."

    /// A receipt.
    static let receipt = Route.Answer.answer(200, Self.receiptNote, .json(ReceiptJSON.self))
    /// A receipt, and for a browser the order to forget the cookie.
    static let receiptAndFarewell = Route.Answer.answer(
        200,
        Self.receiptNote,
        .json(ReceiptJSON.self),
        headers: ["Set-Cookie?", "Clear-Site-Data?"]
    )
    /// A page of a list of sessions.
    static let sessionPage = Route.Answer.answer(200, "A page of sessions.", .json(SessionPageJSON.self))
}

extension Schema {
    /// Kinds of events.
    static let kinds = Schema.commaList(EventKind.allCases.map(\.rawValue))
}
