extension Failure {
    /// An error of a room below, with the exit code that its kind has; anything unknown is a fault of our own.
    public init(reporting error: any Error) {
        switch error {
        case let failure as Failure: self = failure
        default:
            self.init(
                code: "INTERNAL", message: "\(error)",
                remedy: "report this with the command that you ran", exit: .internalError)
        }
    }
}
