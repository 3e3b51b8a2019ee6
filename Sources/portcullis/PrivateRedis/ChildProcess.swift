import Foundation

/// A child that the kernel ends when its parent ends, however that happens.
///
/// Linux sends the parent-death signal when the *thread* that made the child ends, so ``spawn`` and ``wait`` have
/// to be called on a thread that lives as long as the child is wanted.
struct ChildProcess: Sendable {
    let pid: pid_t

    /// Starts a program with its output going to `output` and `inherited` open as descriptor 3. What this process
    /// opens itself is close-on-exec.
    /// - Throws: ``StartError``.
    static func spawn(_ arguments: [String], output: Int32, inherited: Int32) throws -> ChildProcess {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO)
        posix_spawn_file_actions_adddup2(&actions, output, STDERR_FILENO)
        posix_spawn_file_actions_adddup2(&actions, inherited, 3)

        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        // A group of its own: Ctrl-C at the terminal is for the parent alone, which needs Redis while it drains.
        posix_spawnattr_setpgroup(&attributes, 0)
        // The parent ignores the signals that it handles elsewhere; a child would inherit that.
        var signals = sigset_t()
        sigfillset(&signals)
        posix_spawnattr_setsigdefault(&attributes, &signals)
        sigemptyset(&signals)
        posix_spawnattr_setsigmask(&attributes, &signals)
        let flags = POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK
        posix_spawnattr_setflags(&attributes, Int16(flags))

        let words = Self.dyingWithParent(arguments).map { strdup($0) }
        defer { for word in words { free(word) } }
        var pid = pid_t()
        let code = posix_spawnp(&pid, words[0] ?? strdup(""), &actions, &attributes, words + [nil], environ)
        guard code == 0 else {
            throw StartError.unusable(
                "cannot start \(arguments.first ?? "a program"): \(SystemError.text(code))"
            )
        }
        return ChildProcess(pid: pid)
    }

    /// Waits for the end without taking the pid out of use, so that it can still be signalled safely.
    func wait() {
        var info = siginfo_t()
        while waitid(P_PID, id_t(self.pid), &info, WEXITED | WNOWAIT) != 0, errno == EINTR {}
    }

    /// Takes an ended child's pid out of use.
    /// - Returns: how it ended.
    func reap() -> String {
        var status: Int32 = 0
        while waitpid(self.pid, &status, 0) < 0, errno == EINTR {}
        let signal = status & 0x7F
        return signal == 0 ? "exit code \(status >> 8 & 0xFF)" : "signal \(signal)"
    }

    func signal(_ signal: Int32) { kill(self.pid, signal) }

    /// `setpriv` asks for the signal, then the shell makes sure that the parent was not gone before that, and
    /// becomes the program; the request outlives both `exec`s.
    private static func dyingWithParent(_ arguments: [String]) -> [String] {
        let check = #"[ "$PPID" = "$1" ] || exit 1; shift; exec "$@""#
        return ["setpriv", "--pdeathsig", "TERM", "--", "sh", "-c", check, "sh", "\(getpid())"] + arguments
    }
}
