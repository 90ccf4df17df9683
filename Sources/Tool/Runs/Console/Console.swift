import Foundation

/// Everything a run tells its user while it works, on standard error: progress, notes, stages.
///
/// Results never pass through here; they go to files or standard output.
public final class Console: Sendable {
    public enum Style: String, Sendable, CaseIterable {
        /// A bar that is redrawn in place.
        case bar
        /// One plain line for each stage and each tenth of it.
        case lines
        /// One JSON object a line.
        case jsonl
        /// Errors only.
        case quiet
    }

    public let style: Style
    private let isVerbose: Bool
    private let state = Locked(State())

    private struct State {
        var stage = ""
        var started = Date()
        var lastTenth = -1
        var lastDrawn = Date.distantPast
        var barIsOpen = false
        var log: [String] = []
    }

    public init(style: Style, isVerbose: Bool = false) {
        self.style = style
        self.isVerbose = isVerbose
    }

    /// The style for standard error as it is: a bar on a terminal, plain lines otherwise.
    public static var automaticStyle: Style { isatty(2) == 1 ? .bar : .lines }

    /// Colour is used on a terminal, unless `NO_COLOR` is set (https://no-color.org).
    private var usesColour: Bool { style == .bar && (ProcessInfo.processInfo.environment["NO_COLOR"] ?? "").isEmpty }

    public func begin(_ stage: String) {
        state.withLock { state in
            state = State(stage: stage, started: Date(), log: state.log)
            switch style {
            case .bar: draw(&state, fraction: 0, message: "")
            case .lines: write("\(stage): …\n")
            case .jsonl: write(json(["event": "begin", "stage": stage]))
            case .quiet: break
            }
        }
    }

    /// What the stages that follow belong to.
    public func heading(_ name: String) {
        switch style {
        case .bar, .lines: write("\n\(name)\n")
        case .jsonl: write(json(["event": "part", "name": name]))
        case .quiet: break
        }
    }

    /// How far the stage that began last has come, from 0 to 1, and what it is doing.
    public func advance(to fraction: Double, _ message: String = "") {
        state.withLock { state in
            // Nothing of nothing is NaN.
            let fraction = fraction.isNaN ? 0 : min(max(fraction, 0), 1)
            let tenth = Int(fraction * 10)
            switch style {
            case .bar:
                if Date().timeIntervalSince(state.lastDrawn) > 0.1 {
                    draw(&state, fraction: fraction, message: message)
                }
            case .lines:
                if tenth > state.lastTenth, tenth > 0, tenth < 10 {
                    write("\(state.stage): \(tenth * 10) % \(message)\n")
                }
            case .jsonl:
                if tenth > state.lastTenth {
                    write(
                        json([
                            "event": "progress", "stage": state.stage, "fraction": fraction, "message": message,
                        ]))
                }
            case .quiet: break
            }
            state.lastTenth = max(state.lastTenth, tenth)
        }
    }

    public func end(_ outcome: String) {
        state.withLock { state in
            let seconds = Date().timeIntervalSince(state.started)
            let line = "\(state.stage): \(outcome) (\(String(format: "%.1f", seconds)) s)"
            state.log.append(line)
            switch style {
            case .bar:
                clear(&state)
                write((usesColour ? "\u{1B}[32m✓\u{1B}[0m " : "✓ ") + line + "\n")
            case .lines: write(line + "\n")
            case .jsonl:
                write(json(["event": "end", "stage": state.stage, "outcome": outcome, "seconds": seconds]))
            case .quiet: break
            }
        }
    }

    /// Something that had to be assumed, or an oddity that can be lived with.
    public func note(_ message: String) {
        state.withLock { state in
            state.log.append("note: \(message)")
            switch style {
            case .bar:
                clear(&state)
                write("note: \(message)\n")
            case .lines: write("note: \(message)\n")
            case .jsonl: write(json(["event": "note", "message": message]))
            case .quiet: break
            }
        }
    }

    /// What was decided and on what evidence: said with `--verbose` only.
    public func detail(_ message: String) {
        if isVerbose { note(message) }
    }

    /// What was said so far, with the seconds that stages took: the run's log.
    public var log: String { state.withLock { $0.log.joined(separator: "\n") + "\n" } }

    // MARK: Drawing

    private func draw(_ state: inout State, fraction: Double, message: String) {
        let width = 24
        let filled = Int(fraction * Double(width))
        let seconds = Date().timeIntervalSince(state.started)
        let left = fraction > 0.02 ? ", \(Int((seconds / fraction - seconds).rounded(.up))) s left" : ""
        let bar = String(repeating: "━", count: filled) + String(repeating: "─", count: width - filled)
        let name = state.stage.padding(toLength: max(12, state.stage.count), withPad: " ", startingAt: 0)
        write("\r\u{1B}[K\(name) \(bar) \(Int(fraction * 100)) %\(left) \(message.prefix(60))")
        state.barIsOpen = true
        state.lastDrawn = Date()
    }

    private func clear(_ state: inout State) {
        if state.barIsOpen { write("\r\u{1B}[K") }
        state.barIsOpen = false
    }

    private func write(_ text: String) { StandardStreams.tell(text) }

    private func json(_ fields: [String: Any]) -> String {
        let data = try? JSONSerialization.data(withJSONObject: fields, options: [.sortedKeys, .withoutEscapingSlashes])
        return String(decoding: data ?? Data("{}".utf8), as: UTF8.self) + "\n"
    }
}
