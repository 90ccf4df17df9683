import Foundation

/// What stops a run, as the user is told of it: four short lines and an exit code.
///
/// The rooms below throw errors of their own with the same fields; `Failure.init(_:)` gives each its exit code.
public struct Failure: Error, Sendable, Equatable {
    /// A stable word for machines; the set may grow.
    public let code: String
    public let file: String?
    /// Where in the file: `/obs/dose`, `line 12`.
    public let element: String?
    /// Expected and found.
    public let message: String
    /// What to do.
    public let remedy: String
    public let exit: ExitStatus

    public init(
        code: String, file: String? = nil, element: String? = nil, message: String, remedy: String, exit: ExitStatus
    ) {
        self.code = code
        self.file = file
        self.element = element
        self.message = message
        self.remedy = remedy
        self.exit = exit
    }

    public static func configuration(
        file: String?, element: String?, message: String, remedy: String
    ) -> Failure {
        Failure(
            code: "BAD_CONFIGURATION", file: file, element: element, message: message, remedy: remedy,
            exit: .badConfiguration)
    }

    /// The same, told of `file` where it is the configuration that can't be used and its file is not named yet.
    public func located(inConfiguration file: String) -> Failure {
        guard exit == .badConfiguration, self.file == nil else { return self }
        return Failure(code: code, file: file, element: element, message: message, remedy: remedy, exit: exit)
    }

    /// The four lines: what, in which file and element, because of what, and what to try.
    public var fourLines: String {
        let place = [file, element].compactMap { $0 }.joined(separator: ", ")
        return """
            error: \(headline)
              in: \(place.isEmpty ? "this call" : Self.printable(place))
              because: \(Self.oneLine(message))
              try: \(Self.oneLine(remedy))
            """
    }

    /// The same for machines: `{"error": {"code", "file", "element", "message", "remedy"}}`.
    public var json: String {
        let fields: [String: String?] = [
            "code": code, "file": file, "element": element, "message": message, "remedy": remedy,
        ]
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        let data = (try? encoder.encode(["error": fields])) ?? Data(#"{"error": null}"#.utf8)
        return String(decoding: data, as: UTF8.self)
    }

    private var headline: String {
        let what =
            switch exit {
            case .negative: "the answer is no"
            case .wrongUsage: "this call is not understood"
            case .badData: "the data can't be used"
            case .inputMissing: "the input can't be read"
            case .internalError: "a fault of interventome itself"
            case .outputFailed: "the output can't be written"
            case .interrupted: "interrupted"
            case .badConfiguration: "the configuration can't be used"
            }
        return "\(what) (\(code))"
    }

    private static func oneLine(_ text: String) -> String {
        printable(text.split(whereSeparator: \.isNewline).joined(separator: " "))
    }

    /// Names of files and of what stands in them may hold anything, words for the terminal among it.
    private static func printable(_ text: String) -> String {
        text.unicodeScalars.reduce(into: "") { result, scalar in
            switch scalar.properties.generalCategory {
            case .control, .lineSeparator, .paragraphSeparator: result += scalar.escaped(asASCII: true)
            default: result.unicodeScalars.append(scalar)
            }
        }
    }
}

/// The exit codes of the command line.
public enum ExitStatus: Int32, Sendable {
    case negative = 1
    case wrongUsage = 64
    case badData = 65
    case inputMissing = 66
    case internalError = 70
    case outputFailed = 73
    case interrupted = 75
    case badConfiguration = 78
}
