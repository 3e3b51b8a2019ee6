extension ProblemJSON: DescribedJSON {
    package static let schema = Schema.object([
        "type": .string(),
        "title": .string(),
        "status": .integer(400...599),
        "code": .code(ProblemCode.self, "Stable, for programs."),
        "error": .string().note("A sentence, for people."),
        "field?": .string().note("The field or parameter that is wrong."),
    ])
}
