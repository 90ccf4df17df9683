import Testing

@testable import ShiftProcesses
