import Foundation
import TestSupport

/// A reverse proxy from Debian's package, started with the configuration that we recommend.
enum Proxy: String, CaseIterable, CustomStringConvertible {
    case nginx
    case caddy
    case haproxy
    case apache

    /// Where the others are.
    struct Addresses {
        let listen: Int
        let gateway: Int
        let application: Int

        /// Our configuration with the addresses of a test in place of its own.
        func put(into text: String) -> String {
            text.replacing("127.0.0.1:7171", with: "127.0.0.1:\(gateway)")
                .replacing("\"127.0.0.1\", 7171", with: "\"127.0.0.1\", \(gateway)")
                .replacing("127.0.0.1:8080", with: "127.0.0.1:\(application)")
                .replacing("127.0.0.1:8000", with: "127.0.0.1:\(listen)")
                .replacing("http://:8000", with: "http://:\(listen)")
        }
    }

    /// What an administrator may get wrong.
    enum Flaw {
        /// The script fails before it asks the gateway.
        case brokenScript
        /// HAProxy's buffers are of the usual size.
        case noRoom
    }

    var description: String { rawValue }

    /// The program; nil when it is not installed.
    var program: String? {
        let name = self == .apache ? "apache2" : rawValue
        return ["/usr/sbin/", "/usr/bin/", "/usr/local/sbin/", "/usr/local/bin/"].map { $0 + name }
            .first { FileManager.default.isExecutableFile(atPath: $0) }
    }

    /// What a request gets while there is no gateway: nobody is let in.
    var statusWithoutGateway: Int { self == .caddy ? 502 : 503 }

    /// Starts it in the foreground.
    /// - Parameter flaw: what is wrong with it.
    /// - Returns: the process id.
    func start(_ directory: URL, _ addresses: Addresses, flaw: Flaw? = nil) throws -> Int32 {
        func script() throws -> String {
            let text = try ours("portcullis.lua", addresses)
            let broken = text.replacing("local wants_page", with: "error(\"broken\") local wants_page")
            return try write(flaw == .brokenScript ? broken : text, directory, "portcullis.lua")
        }
        let command: [String]
        switch self {
        case .nginx:
            let path = try write(
                Self.nginxFrame(directory, try ours("portcullis.conf", addresses)),
                directory
            )
            command = [program ?? rawValue, "-p", directory.path, "-e", "stderr", "-c", path]
        case .caddy:
            let path = try write(try ours("Caddyfile", addresses), directory)
            // It keeps certificates and its last configuration in the user's folders.
            command = [
                "env", "HOME=\(directory.path)", "XDG_DATA_HOME=\(directory.path)",
                "XDG_CONFIG_HOME=\(directory.path)",
                program ?? rawValue, "run", "--config", path, "--adapter", "caddyfile",
            ]
        case .haproxy:
            let text = try ours("haproxy.cfg", addresses)
                .replacing("/etc/haproxy/portcullis.lua", with: try script())
                .replacing("tune.", with: flaw == .noRoom ? "# " : "tune.")
            command = [program ?? rawValue, "-db", "-f", try write(text, directory)]
        case .apache:
            let text = try ours("portcullis.conf", addresses)
                .replacing("/etc/apache2/portcullis.lua", with: try script())
            let path = try write(Self.apacheFrame(directory, text), directory)
            command = [program ?? rawValue, "-X", "-d", directory.path, "-f", path]
        }
        return try ChildProcess.spawn(command, output: logPath(directory))
    }

    /// What it has said.
    func log(_ directory: URL) -> String {
        (try? String(contentsOfFile: logPath(directory), encoding: .utf8)) ?? ""
    }

    private func logPath(_ directory: URL) -> String { directory.appending(path: "\(self).log").path }

    private func ours(_ file: String, _ addresses: Addresses) throws -> String {
        let folder = URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "../../ops/proxies/\(self)").standardized
        return addresses.put(
            into: try String(contentsOf: folder.appending(path: file), encoding: .utf8)
        )
    }

    private func write(_ text: String, _ directory: URL, _ name: String? = nil) throws -> String {
        let path = directory.appending(path: name ?? "\(self).conf").path
        try Data(text.utf8).write(to: URL(filePath: path))
        return path
    }

    private static func nginxFrame(_ directory: URL, _ text: String) -> String {
        let temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
            .map { "\($0)_temp_path \(directory.path)/nginx-\($0);" }.joined(separator: "\n")
        return """
            daemon off;
            master_process off;
            pid \(directory.path)/nginx.pid;
            error_log stderr;
            events { worker_connections 256; }
            http {
            access_log off;
            \(temporary)
            \(text)
            }
            """
    }

    static func apacheFrame(
        _ directory: URL,
        _ text: String,
        modules: [String] = ["lua", "proxy", "proxy_http", "proxy_wstunnel"]
    ) -> String {
        let modules = (["mpm_event", "authz_core"] + modules)
            .map { "LoadModule \($0)_module /usr/lib/apache2/modules/mod_\($0).so" }.joined(separator: "\n")
        // Only one started by root may change its user.
        let user = geteuid() == 0 ? "User www-data\nGroup www-data" : ""
        return """
            ServerName localhost
            PidFile \(directory.path)/apache.pid
            DefaultRuntimeDir \(directory.path)
            Mutex posixsem
            \(user)
            ErrorLog /dev/stderr
            \(modules)
            \(text)
            """ + "\n"
    }
}
