import Foundation
import TestSupport
import Testing

@testable import HTTPFront

/// A client that a generator of others, openapi-python-client, makes from the served document.
@Suite struct GeneratedClientTests {
    /// Reads `{"base", "key", "user", "tools", "work"}`. Installs the generator into `tools` unless it is there, and
    /// generates a client in `work`, every operation of the document without a warning. The client then creates,
    /// checks, introspects and ends a session.
    private static let script = #"""
        import json, pathlib, shutil, subprocess, sys, urllib.request, venv

        order = json.load(sys.stdin)
        versions = ["openapi-python-client==0.29.1"]
        tools, work = pathlib.Path(order["tools"]), pathlib.Path(order["work"])
        mark = tools / "versions"
        if not mark.exists() or mark.read_text() != " ".join(versions):
            shutil.rmtree(tools, ignore_errors=True)
            venv.create(tools, with_pip=True)
            subprocess.run([tools / "bin/pip", "install", "-q", "--disable-pip-version-check", *versions], check=True)
            mark.write_text(" ".join(versions))

        with urllib.request.urlopen(order["base"] + "/openapi.json") as answer:
            document = answer.read()
        (work / "openapi.json").write_bytes(document)
        # Its default hooks format what it has written, with a tool that need not be there.
        (work / "settings.yml").write_text("post_hooks: []\n")
        subprocess.run(
            [tools / "bin/openapi-python-client", "generate", "--path", work / "openapi.json", "--meta", "none",
             "--output-path", work / "portcullis_client", "--config", work / "settings.yml", "--fail-on-warning"],
            check=True, stdout=sys.stderr)
        operations = sum(
            isinstance(operation, dict)
            for item in json.loads(document)["paths"].values() for operation in item.values())
        modules = [path for path in (work / "portcullis_client/api").rglob("*.py") if path.name != "__init__.py"]
        assert len(modules) == operations, f"{len(modules)} of {operations} operations"

        subprocess.run([tools / "bin/python", "-c", order["use"]], cwd=work, input=json.dumps(order), text=True,
                       check=True)
        """#

    /// What an application would write with the client.
    private static let use = #"""
        import json, sys
        from portcullis_client import AuthenticatedClient, models
        from portcullis_client.api.administration import get_session
        from portcullis_client.api.applications import check_tokens, create_session, end_session
        from portcullis_client.api.o_auth import introspect_token
        from portcullis_client.api.own_sessions import get_current_session

        order = json.load(sys.stdin)
        shop = AuthenticatedClient(base_url=order["base"], token=order["key"], raise_on_unexpected_status=True)

        created = create_session.sync(
            client=shop, body=models.CreateSession(user_id=order["user"], roles=["reader"], factors=["password"]))
        assert isinstance(created, models.CreatedSession), created
        alice = AuthenticatedClient(base_url=order["base"], token=created.token)

        def check():
            return check_tokens.sync(client=shop, body=models.CheckSessionsType0(token=created.token))

        def introspect():
            return introspect_token.sync(client=shop, body=models.IntrospectTokenBody(token=created.token))

        checked = check()
        assert isinstance(checked, models.CheckedToken) and checked.active, checked
        assert checked.session.user_id == order["user"] and checked.session.roles == ["reader"], checked
        state = introspect()
        assert isinstance(state, models.IntrospectionType0) and state.active is True, state
        assert state.sub == order["user"] and state.sid == created.session.id, state
        assert get_current_session.sync(client=alice).id == created.session.id

        refused = get_session.sync(client=shop, id=created.session.id)
        assert isinstance(refused, models.Problem), refused
        assert refused.code == models.ProblemCode.INSUFFICIENT_SCOPE, refused

        receipt = end_session.sync(client=shop, id=created.session.id, reason="closed")
        assert isinstance(receipt, models.Receipt) and receipt.ended == 1, receipt
        checked = check()
        assert checked.active is False and checked.code == "session_expired", checked
        state = introspect()
        assert isinstance(state, models.IntrospectionType1) and state.active is False, state
        gone = get_current_session.sync(client=alice)
        assert isinstance(gone, models.Problem) and gone.code == models.ProblemCode.SESSION_EXPIRED, gone
        json.dump({"session": created.session.id, "reason": "closed"}, sys.stdout)
        """#

    private struct Outcome: Decodable {
        var session: String
        var reason: String
    }

    @Test(.timeLimit(.minutes(5)))
    func aGeneratedClientKnowsEveryCallAndWorks() async throws {
        try await withFront { front in
            let work = FileManager.default.temporaryDirectory.appending(path: "client-\(UUID().uuidString)")
            try FileManager.default.createDirectory(at: work, withIntermediateDirectories: true)
            defer { try? FileManager.default.removeItem(at: work) }
            let tools = URL(filePath: #filePath).deletingLastPathComponent()
                .appending(path: "../../.build/openapi-python-client").standardized
            let output = try await Self.python(
                [
                    "base": "http://127.0.0.1:\(front.hotPort)", "key": front.appKey, "user": "ünal",
                    "tools": tools.path, "work": work.path, "use": Self.use,
                ],
                in: work
            )
            let outcome = try JSONDecoder().decode(Outcome.self, from: output)
            let ended = try await front.call(
                "GET",
                "/api/admin/sessions/\(outcome.session)",
                headers: front.service(front.adminKey)
            )
            #expect(
                ended.status == 200 && ended.body.contains(#""endReason":"\#(outcome.reason)""#),
                "\(ended)"
            )
        }
    }

    /// Runs the script beside the gateway that it calls: this waits without keeping a thread.
    private static func python(_ input: [String: String], in folder: URL) async throws -> Data {
        let (order, outcome) = (folder.appending(path: "order.json"), folder.appending(path: "outcome.json"))
        try JSONEncoder().encode(input).write(to: order)
        try Data().write(to: outcome)
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/python3")
        process.arguments = ["-c", Self.script]
        process.standardInput = try FileHandle(forReadingFrom: order)
        process.standardOutput = try FileHandle(forWritingTo: outcome)
        let status = try await withCheckedThrowingContinuation { continuation in
            process.terminationHandler = { continuation.resume(returning: $0.terminationStatus) }
            do { try process.run() } catch { continuation.resume(throwing: error) }
        }
        try #require(status == 0, "what went wrong is on standard error")
        return try Data(contentsOf: outcome)
    }
}
