import Chemistry
import Discovery
import FeatureModels
import Formats
import Generators
import Graphs
import Identification
import Interventions
import Mechanisms
import Networks
import Preprocessing
import Responses
import Sampling
import Screens
import ShiftProcesses
import Shifts
import Simulators
import Structure

/// What every room's error says; each room has a struct of its own.
private protocol RoomError: Error {
    var code: String { get }
    var file: String? { get }
    var element: String? { get }
    var message: String { get }
    var remedy: String { get }
}

extension RoomError {
    /// Rooms that read no files know none.
    var file: String? { nil }
}

extension FormatError: RoomError {}
extension GraphError: RoomError {}
extension PreprocessingError: RoomError {}
extension ChemistryError: RoomError {}
extension ScreenError: RoomError {}
extension WeightsError: RoomError {}
extension MechanismError: RoomError {}
extension StructureError: RoomError {}
extension ResponseError: RoomError {}
extension FeatureModelError: RoomError {}
extension ShiftProcessError: RoomError {}
extension InterventionError: RoomError {}
extension SimulationError: RoomError {}
extension ComparisonError: RoomError {}
extension DiscoveryError: RoomError {}
extension IdentificationError: RoomError {}
extension GeneratorError: RoomError {}
extension SamplingError: RoomError {}

extension Failure {
    /// An error of a room below, with the exit code that its kind has; anything unknown is a fault of our own.
    /// - Parameter file: The file at hand, where the room did not know it.
    public init(reporting error: any Error, file: String? = nil) {
        switch error {
        case let failure as Failure: self = failure
        case let error as any RoomError:
            let exit: ExitStatus =
                switch error.code {
                case "NOT_FOUND", "IS_DIRECTORY", "UNREADABLE": .inputMissing
                case "CANNOT_WRITE": .outputFailed
                case "BAD_QUERY", "NO_OUTCOMES", "OVERLAP", "REPEATED": .wrongUsage
                case "OPTION", "BAD_SPLIT", "UNKNOWN_PERTURBATIONS": .badConfiguration
                default: .badData
                }
            // The file at hand holds data; which file an option was written in, the caller knows; queries
            // come from no file.
            let file = [.badConfiguration, .wrongUsage].contains(exit) ? nil : file
            self.init(
                code: error.code, file: error.file ?? file, element: error.element, message: error.message,
                remedy: OptionNames.qualified(error.remedy), exit: exit)
        default:
            self.init(
                code: "INTERNAL", message: "\(error)",
                remedy: "report this with the command that you ran", exit: .internalError)
        }
    }
}

/// Runs `body`; an error of a room that does not know its file is told with `file`.
func reading<Result>(_ file: String, _ body: () throws -> Result) throws -> Result {
    do { return try body() } catch { throw Failure(reporting: error, file: file) }
}
