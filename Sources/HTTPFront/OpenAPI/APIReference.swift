import GatewayAPI

/// `docs/api.md`, made from the route table.
package enum APIReference {
    /// The page.
    package static let text: String = {
        var page = MarkdownPage()
        page.add("# API")
        page.add(
            """
            This page is generated from the route table (`Sources/HTTPFront/Routes`). A test compares it with the
            table; `\(Self.command)` writes it anew.
            """
        )
        page.add(Self.introduction)
        for section in Routes.sections {
            page.add("## \(section.title)")
            page.add(section.note)
            for route in section.routes { page.add(route) }
        }
        page.add("## Types")
        page.add(
            "The JSON bodies above, by name. A field with `?` may be missing. A request with a field that is not "
                + "listed is refused."
        )
        for type in Self.types { page.add(type) }
        page.add("## Codes")
        page.add("Programs may rely on the `code` of a problem; the sentence in `error` may change.")
        page.add(ProblemCode.self, title: "Code")
        page.add("The OAuth endpoints have codes of their own, in `error`:")
        page.add(OAuthErrorCode.self, title: "Error")
        return page.text
    }()

    /// What writes the page anew.
    package static let command = "PORTCULLIS_WRITE_DOCS=1 swift test --filter APIReferenceTests"

    private static let introduction = """
        The same as an OpenAPI 3.1 document is at `GET /openapi.json`. Errors are problems (RFC 9457,
        `application/problem+json`) with a stable `code`, a sentence in `error`, and for a wrong field or parameter its
        name in `field`.

        | Who may call | Credential |
        |---|---|
        | anyone | none |
        | a session | its token, in the cookie or as `Authorization: Bearer` |
        | a service key | `Authorization: Bearer pk_…` or `X-Service-Key`; it needs the scope, or the scope `admin` |
        | an OAuth client | a service key, by HTTP Basic with its name as user, in the form, or as above |
        | an administrator | a service key with the scope `admin`, or a session with the administrators' role |
        | an administrator of an organization | the same, bound to an organization: its sessions only |

        A session that comes in a cookie needs `X-CSRF-Token` for changes where the browser sends neither
        `Sec-Fetch-Site` nor `Origin`.
        """

    /// Every type that the routes name, by name, but for the problem's.
    private static var types: [any DescribedJSON.Type] {
        var types: [String: any DescribedJSON.Type] = [:]
        func collect(_ references: [any DescribedJSON.Type]) {
            for type in references where types.updateValue(type, forKey: type.schemaName) == nil {
                collect(type.schema.references)
            }
        }
        collect(Routes.all.flatMap(\.references) + [ProblemJSON.self])
        return types.sorted { $0.key < $1.key }.map(\.value)
    }
}
